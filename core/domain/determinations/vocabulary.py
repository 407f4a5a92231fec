"""From a package's variables, articles and conditions to nodes with words a person can read."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.domain.determinations.nodes import (
    Leaf,
    Node,
    Test,
    all_of,
    any_of,
    compared,
    leaf_node,
    not_of,
    turning_points,
)
from core.domain.determinations.rules import Article, Condition, Label, RulePackage, Variable
from core.domain.determinations.units import amount_text, converted

_OPS_ZH = {"==": "为", "!=": "不为", "<": "少于", "<=": "不超过", ">": "超过", ">=": "不少于"}
_OPS_EN = {"==": "is", "!=": "is not", "<": "is under", "<=": "is at most", ">": "is over", ">=": "is at least"}
_TEXTS_MAX = 4096


class Vocabulary:
    """The words of one package: builds nodes for conditions, with labels, articles and exact units."""

    def __init__(self, package: RulePackage) -> None:
        self.variables: dict[str, Variable] = {variable.var: variable for variable in package.variables}
        self.articles: dict[str, Article] = {article.key: article for article in package.articles}
        self._texts: dict[tuple[str, Any], Label] = {}
        # Equal conditions of a package are one leaf, and one test even where they stand on different provisions.
        self._leaves: dict[tuple[str, str, Any, str, str], Node] = {}
        self._tests: dict[tuple[str, str, Any], Test] = {}

    def wanted(self, condition: Condition) -> Any:
        """Return the condition's value in the variable's own unit and type (parsing.py has checked that it fits)."""
        variable = self.variables[condition.var]
        value = condition.value
        if variable.type == "int" and not isinstance(value, bool) and isinstance(value, int | str):
            return converted(value, condition.unit or variable.unit, variable.unit) if variable.unit else int(value)
        if variable.type == "date" and isinstance(value, str):
            return date.fromisoformat(value)
        return value

    def node(self, condition: Condition, *, article: str = "", confidence: str = "verified") -> Node:
        """Return the runnable tree of a condition. An empty condition is true."""
        parts: list[Node] = []
        if condition.var:
            parts.append(self.leaf(condition.var, condition.op, self.wanted(condition), article, confidence))
        if condition.all:
            parts.append(all_of(*(self.node(each, article=article, confidence=confidence) for each in condition.all)))
        if condition.any:
            parts.append(any_of(*(self.node(each, article=article, confidence=confidence) for each in condition.any)))
        if condition.not_ is not None:
            parts.append(not_of(self.node(condition.not_, article=article, confidence=confidence)))
        return all_of(*parts)

    def leaf(self, var: str, op: str, wanted: Any, article: str = "", confidence: str = "verified") -> Node:
        """Return a node that compares one variable."""
        key = (var, op, wanted, article, confidence)
        found = self._leaves.get(key)
        if found is None:
            found = self._leaves[key] = leaf_node(self._leaf(*key))
        return found

    def _leaf(self, var: str, op: str, wanted: Any, article: str, confidence: str) -> Leaf:
        words = self.condition_words(var, op, wanted)
        points = turning_points(op, wanted) if type(wanted) is int else ()
        test = self._tests.setdefault((var, op, wanted), compared(var, op, wanted))
        return Leaf(test, (var,), words.zh, words.en, var, article, confidence, points)

    def yes(self, var: str, article: str = "", confidence: str = "verified") -> Node:
        """Return a node that is true when the yes/no variable is true."""
        return self.leaf(var, "==", True, article, confidence)

    def condition_words(self, var: str, op: str, wanted: Any) -> Label:
        """Return the condition as a short phrase in both languages."""
        variable = self.variables[var]
        label = variable.label
        if variable.type == "bool":
            says_yes = (op == "==") == bool(wanted)
            return label if says_yes else Label(zh=f"未出现：{label.zh}", en=f"not: {label.en}")
        if op == "in":
            return Label(
                zh=f"{label.zh}为{'或'.join(self.value_text(var, each, 'zh') for each in wanted)}",
                en=f"{label.en} is {' or '.join(self.value_text(var, each, 'en') for each in wanted)}",
            )
        return Label(
            zh=f"{label.zh}{_OPS_ZH[op]}{self.value_text(var, wanted, 'zh')}",
            en=f"{label.en} {_OPS_EN[op]} {self.value_text(var, wanted, 'en')}",
        )

    def value_text(self, var: str, value: Any, lang: str) -> str:
        """Return a value as a person reads it: choices by their label, numbers with a unit."""
        variable = self.variables[var]
        if isinstance(value, bool):
            return ("是" if value else "否") if lang == "zh" else ("yes" if value else "no")
        if isinstance(value, int):
            return amount_text(value, variable.unit, lang)
        for choice in variable.choices:
            if choice.value == value:
                return choice.label.zh if lang == "zh" else choice.label.en
        return str(value)

    def shown_value(self, var: str, value: Any) -> Label:
        """Return a value in both languages; the texts are kept, because the same few values come again and again."""
        key = (var, value)
        found = self._texts.get(key)
        if found is None:
            found = Label(zh=self.value_text(var, value, "zh"), en=self.value_text(var, value, "en"))
            if len(self._texts) < _TEXTS_MAX:
                self._texts[key] = found
        return found

    def article_label(self, key: str) -> Label:
        """Return how a provision is cited; an empty key has no words."""
        return self.articles[key].label if key else Label(zh="", en="")
