"""Where the forms come from: resources/documents, and a folder of the home that a body lays over it."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from core.domain.document_forms import Form, read_form
from core.domain.documents import DocumentKind
from core.kernel.errors import Refusal, Trouble
from core.kernel.resources import resources_dir


class Forms:
    """The forms of one station.

    Args:
        own: A folder whose `<kind>.toml` replace ours, for every body, and whose `<body>/<kind>.toml` replace them
            for that body alone; None: only ours.
    """

    def __init__(self, own: Path | None = None) -> None:
        self._own = own

    def kinds(self) -> tuple[DocumentKind, ...]:
        """Return the kinds that can be drawn, in the order of domain.md 2.2."""
        return tuple(kind for kind in DocumentKind if self._path(kind, "") is not None)

    def form(self, kind: DocumentKind, body: str = "") -> Form:
        """Return the form of a kind for a body.

        Raises:
            Refusal: "documents.kind_not_drawn", "documents.form_invalid".
            Trouble: "documents.form_unreadable", params file.
        """
        path = self._path(kind, body)
        if path is None:
            raise Refusal("documents.kind_not_drawn", kind=f"{kind.code} {kind.value}")
        return _read(path, path.stat().st_mtime_ns)

    def _path(self, kind: DocumentKind, body: str) -> Path | None:
        name = f"{kind.value}.toml"
        candidates = [resources_dir() / "documents" / name]
        if self._own is not None:
            candidates[:0] = [self._own / name]
            # A body's name comes from a list; it must not climb out of the folder.
            if body and Path(body).name == body:
                candidates[:0] = [self._own / body / name]
        return next((path for path in candidates if path.is_file()), None)


@cache
def _read(path: Path, _changed_at: int) -> Form:
    try:
        return read_form(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble("documents.form_unreadable", file=path.name) from error
    except tomllib.TOMLDecodeError as error:
        raise Refusal("documents.form_invalid", reason=f"{path.name}: {error}") from error
