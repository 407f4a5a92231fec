"""Plain forms that have no end: a file format with aliases can hold a part that contains itself.

Rules and variables refer to nothing but declared names (parsing.py refuses the unknown ones), and no rule or variable
is worked out from another, so an alias is the only way in which a package can hold a cycle.
"""

from __future__ import annotations

from typing import Any, cast

from core.kernel.errors import Refusal

# A condition of ten levels is already past reading; a file that unfolds to a million parts is no list of rules.
DEPTH_MAX = 40
PARTS_MAX = 1_000_000


def refuse_endless(plain: Any) -> None:
    """Refuse a plain form that contains itself, is nested too deeply, or unfolds to more than a package ever holds.

    Raises:
        Refusal: "rules.bad_package" with problem "cycle", "too_deep" or "too_large".
    """
    _Walk(plain).size(plain, "", ())


class _Walk:
    """One walk through a plain form; the size of a part that is shared by aliases is worked out once."""

    def __init__(self, whole: Any) -> None:
        self._whole = whole
        self._sizes: dict[int, int] = {}

    def size(self, value: Any, path: str, above: tuple[int, ...]) -> int:
        """Return how many parts a value unfolds to."""
        if not isinstance(value, dict | list | tuple):
            return 1
        part = cast("dict[Any, Any] | list[Any] | tuple[Any, ...]", value)
        if id(part) in above:
            raise self._bad(path, "cycle")
        if len(above) == DEPTH_MAX:
            raise self._bad(path, "too_deep")
        known = self._sizes.get(id(part))
        if known is not None:
            return known
        named = (
            [(f"{path}.{key}".lstrip("."), inner) for key, inner in part.items()]
            if isinstance(part, dict)
            else [(f"{path}[{index}]", inner) for index, inner in enumerate(part)]
        )
        total = 1 + sum(self.size(inner, where, (*above, id(part))) for where, inner in named)
        if total > PARTS_MAX:
            raise self._bad(path, "too_large")
        self._sizes[id(part)] = total
        return total

    def _bad(self, path: str, problem: str) -> Refusal:
        rule = rule_at(self._whole, path)
        return Refusal("rules.bad_package", file="-", rule=rule, path=path, problem=problem, detail="")


def rule_at(plain: Any, path: str) -> str:
    """Return the id of the rule that a path leads into, or "-"."""
    if not path.startswith("rules["):
        return "-"
    entry: Any = plain["rules"][int(path[len("rules[") : path.index("]")])]
    return str(cast("dict[str, Any]", entry).get("rule_id", "-")) if isinstance(entry, dict) else "-"
