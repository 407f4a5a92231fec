"""The explanation that a citizen can read and a reviewer can check line by line; the same text goes on the paper."""

from __future__ import annotations

from collections.abc import Iterator

from core.domain.determinations.doubts import Doubt
from core.domain.determinations.results import Conflict, Determination, Line, MatchedRule
from core.domain.determinations.truth import Truth
from core.kernel.words import Lang, text

_DISCRETIONARY = ("no_penalty", "light", "mitigate")


def explain(determination: Determination, lang: Lang) -> tuple[str, ...]:
    """Return the explanation as lines of plain text, the proposal first.

    Everything is taken from the determination itself, so that an old one reads the same in five years.
    """
    return (
        *_head(determination, lang),
        *_reasons(determination, lang),
        *_open_questions(determination, lang),
        *_beside(determination, lang),
        *_conflicts(determination, lang),
        *_changes(determination, lang),
        *_foot(determination, lang),
    )


def _head(answer: Determination, lang: Lang) -> Iterator[str]:
    proposal = text(f"determination.proposal.{answer.proposal}", lang)
    if answer.proposal in _DISCRETIONARY:
        duty = text(f"determination.duty.{answer.duty}", lang)
        yield text("determination.text.proposal", lang, duty=duty, proposal=proposal)
    else:
        yield text("determination.text.plain_proposal", lang, proposal=proposal)
    if answer.alternatives:
        yield text("determination.text.alternative", lang)
    if answer.is_provisional:
        yield text("determination.text.provisional", lang)


def _reasons(answer: Determination, lang: Lang) -> Iterator[str]:
    """Yield the conditions of the row that decided, or what was found against every row above 13."""
    for rule in answer.matched:
        yield _rule_line(rule, lang)
    if answer.row == "13":
        yield text("determination.text.nothing_fired", lang)
        yield from (_line(line, lang) for line in _unmet(answer))
    elif answer.row:
        name = text(f"determination.row.{answer.row}", lang)
        yield text("determination.text.because", lang, row=answer.row, name=name)
        yield from (_line(line, lang) for line in answer.lines if _is_reason(line, answer))


def _is_reason(line: Line, answer: Determination) -> bool:
    if line.row != answer.row:
        return False
    # Of several rules in one row only those that hold are reasons; the others stand in the full lines.
    held = {gate.rule for gate in answer.gates if gate.row == answer.row and gate.value is Truth.TRUE}
    return line.rule in held


def _unmet(answer: Determination) -> Iterator[Line]:
    """Yield why rows 9 to 12 do not hold: their conditions that are not met, and each veto that holds."""
    for line in answer.lines:
        if line.row in ("9", "10", "11") and line.value is Truth.FALSE and line.var:
            yield line
        if line.row == "A" and line.value is Truth.TRUE:
            yield line


def _line(line: Line, lang: Lang) -> str:
    is_zh = lang == "zh"
    citation = line.citation if is_zh else line.citation_en
    cited = text("determination.text.citation", lang, citation=citation) if citation else ""
    if line.confidence != "verified":
        cited += text("determination.text.unverified", lang)
    return text(
        "determination.text.condition",
        lang,
        condition=line.condition if is_zh else line.condition_en,
        value=text(f"determination.truth.{line.value.value}", lang),
        fact=_fact(line, lang),
        citation=cited,
    )


def _fact(line: Line, lang: Lang) -> str:
    shown = line.fact_text if lang == "zh" else line.fact_text_en
    origin = text("determination.text.source", lang, source=line.source) if line.source else ""
    if line.as_of is not None:
        origin += text("determination.text.as_of", lang, day=line.as_of.isoformat())
    if not shown:
        origin = origin.lstrip("，, ")
    return text("determination.text.fact", lang, fact=shown, source=origin) if shown or origin else ""


def _rule_line(rule: MatchedRule, lang: Lang) -> str:
    marks = text("determination.text.unverified", lang) if rule.confidence != "verified" else ""
    if rule.mark:
        marks += f"〔{rule.mark}〕"
    title = rule.title if lang == "zh" else rule.title_en
    return text(
        "determination.text.rule",
        lang,
        rule=rule.rule,
        title=title,
        place=rule.place,
        source=rule.source,
        marks=marks,
    )


def _open_questions(answer: Determination, lang: Lang) -> Iterator[str]:
    if answer.proposal != "needs_evidence":
        return
    joint = "、" if lang == "zh" else ", "
    possible = joint.join(text(f"determination.proposal.{each}", lang) for each in answer.possible)
    yield text("determination.text.still_open", lang, possible=possible)
    for missing in answer.missing:
        question = missing.question if lang == "zh" else missing.question_en
        who = text(f"determination.who.{missing.who}", lang)
        yield text("determination.text.missing", lang, question=question, who=who)


def _beside(answer: Determination, lang: Lang) -> Iterator[str]:
    if answer.law_basis in ("open", "at_act"):
        yield text(f"determination.text.law_{answer.law_basis}", lang)
    if answer.confiscation:
        yield text(f"determination.text.confiscation.{answer.confiscation}", lang)
    if answer.follow_up:
        joint = "、" if lang == "zh" else ", "
        steps = joint.join(text(f"determination.follow_up.{step}", lang) for step in answer.follow_up)
        yield text("determination.text.follow_up", lang, steps=steps)
    coercion = text(f"determination.coercion.{answer.coercion}", lang)
    yield text("determination.text.coercion", lang, coercion=coercion)
    procedure = text(f"determination.procedure.{answer.procedure}", lang)
    yield text("determination.text.procedure", lang, procedure=procedure)


def _conflicts(answer: Determination, lang: Lang) -> Iterator[str]:
    for conflict in answer.conflicts:
        yield conflict_text(conflict, lang)
    if answer.ignored:
        yield text("determination.text.ignored", lang, names=", ".join(answer.ignored))


def conflict_text(conflict: Conflict, lang: Lang) -> str:
    """Return the sentence of a conflict."""
    return text(f"determination.conflict.{conflict.code}", lang, about=", ".join(conflict.about))


def problem_text(problem: str, lang: Lang) -> str:
    """Return the words of a package's problem, the `problem` of the refusal "rules.bad_package"."""
    return text(f"rules.problem.{problem}", lang)


def advice_text(problem: str, lang: Lang) -> str:
    """Return what an author can do about a package's problem."""
    return text(f"rules.advice.{problem}", lang)


def doubt_text(doubt: Doubt, lang: Lang) -> str:
    """Return the sentence of a package's doubt."""
    return text(f"determination.doubt.{doubt.code}", lang, rules=", ".join(doubt.rules), detail=doubt.detail)


def _changes(answer: Determination, lang: Lang) -> Iterator[str]:
    if not answer.would_change:
        return
    yield text("determination.text.changes", lang)
    for change in answer.would_change:
        value = change.then_text if lang == "zh" else change.then_text_en
        yield text(
            "determination.text.change",
            lang,
            label=change.label if lang == "zh" else change.label_en,
            then=text("determination.text.change_to", lang, value=value),
            proposal=text(f"determination.proposal.{change.proposal}", lang),
        )


def _foot(answer: Determination, lang: Lang) -> Iterator[str]:
    yield text(
        "determination.text.package",
        lang,
        package=answer.package,
        engine=answer.engine,
        day=answer.on.isoformat(),
        mark=f"〔{answer.package_mark}〕" if answer.package_mark else "",
    )
    yield text("determination.text.head", lang)
