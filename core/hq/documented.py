"""What the OpenAPI document says about bodies that are no JSON, and about the proof that a route asks for."""

from __future__ import annotations

from dataclasses import dataclass

from litestar.openapi.spec import (
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    Parameter,
    RequestBody,
    Schema,
)

from core.remote.door import BLOB_TYPE, BUNDLE_TYPE, DIGEST_HEADER, ENTRY_TYPE, PAGES_TYPE


def _binary(kind: str, said: str) -> RequestBody:
    schema = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY, description=said)
    return RequestBody(content={kind: OpenAPIMediaType(schema=schema)}, required=True)


def _header(name: str, said: str) -> Parameter:
    return Parameter(
        name=name, param_in="header", required=True, description=said, schema=Schema(type=OpenAPIType.STRING)
    )


@dataclass
class ProvenOperation(Operation):
    """A call that needs a token and a proof of possession."""

    def __post_init__(self) -> None:
        """Add the two headers."""
        self.parameters = [
            *(self.parameters or []),
            _header("Authorization", "DPoP and the token of POST /v1/token."),
            _header("DPoP", "Proof of possession for this very request (RFC 9449), with headquarters' nonce."),
        ]


@dataclass
class TokenOperation(Operation):
    """The call that gives a token."""

    def __post_init__(self) -> None:
        """Add the proof and the form."""
        self.parameters = [_header("DPoP", "Proof of possession of the device key, with headquarters' nonce.")]
        self.request_body = _binary(
            "application/x-www-form-urlencoded", "grant_type, client_assertion_type, client_assertion (RFC 7523)."
        )


@dataclass
class EnrolOperation(Operation):
    """The call that takes a station in."""

    def __post_init__(self) -> None:
        """Add the proof."""
        self.parameters = [_header("DPoP", "Proof of possession of the new key, with headquarters' nonce.")]


@dataclass
class PushOperation(Operation):
    """The call that hands over a run."""

    def __post_init__(self) -> None:
        """Say what the body is."""
        self.request_body = _binary(ENTRY_TYPE, "A run: header line and entry lines, compressed with zstd.")


@dataclass
class BundleOperation(ProvenOperation):
    """The call that hands over a file."""

    def __post_init__(self) -> None:
        """Say what the body is."""
        super().__post_init__()
        self.request_body = _binary(BUNDLE_TYPE, "A file that a station wrote for headquarters.")


@dataclass
class PartOperation(ProvenOperation):
    """The call that hands over one part of a blob."""

    def __post_init__(self) -> None:
        """Say what the body is."""
        super().__post_init__()
        self.parameters = [*(self.parameters or []), _header(DIGEST_HEADER, "SHA-256 of the part (RFC 9530).")]
        self.request_body = _binary(BLOB_TYPE, "The part's bytes.")


@dataclass
class RangeOperation(ProvenOperation):
    """The call that gives bytes of a blob."""

    def __post_init__(self) -> None:
        """Say that a range may be asked for."""
        super().__post_init__()
        ranged = _header("Range", "bytes=first-last; at most 8 MiB are given at a time.")
        ranged.required = False
        self.parameters = [*(self.parameters or []), ranged]


PAGES_DESCRIPTION = f"{PAGES_TYPE}: the length of each page, 4 bytes, big-endian, before it; pages are zstd frames."
