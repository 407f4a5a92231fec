"""The rule packages that determinations were made by, kept in the store so that each can be replayed later."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.determinations.parsing import parse_package
from core.domain.determinations.rules import RulePackage, package_bytes, package_hash
from core.kernel.errors import Trouble
from core.kernel.records import parse_json
from core.services.ports import Blobs


class KeptPackages:
    """The package in force and, by hash, those from before.

    A package is kept as its canonical bytes, whose SHA-256 is the package's own hash: what a determination names is
    also where its rules lie, encrypted and in every backup like any other file of the store.
    """

    def __init__(self, in_force: RulePackage, older: Sequence[RulePackage] = (), blobs: Blobs | None = None) -> None:
        self.in_force = in_force
        self._blobs = blobs
        self._known = {package_hash(package): package for package in (*older, in_force)}
        self._kept = ""

    def keep(self) -> str:
        """Keep the package in force, before anything is determined by it; give its address, twice is once."""
        if self._blobs is not None and not self._kept:
            self._kept = self._blobs.put(package_bytes(self.in_force))
        return self._kept

    def find(self, sha256: str) -> RulePackage | None:
        """Return the package of a hash, or None where this store never held it.

        Raises:
            Trouble: "blobs.damaged".
            Refusal: "rules.bad_package": it is from before a variable that today's statute needs.
        """
        if sha256 not in self._known and self._blobs is not None:
            try:
                content = self._blobs.get(sha256)
            except Trouble as trouble:
                if trouble.code == "blobs.missing":
                    return None
                raise
            self._known[sha256] = parse_package(parse_json(content))
        return self._known.get(sha256)
