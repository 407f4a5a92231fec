"""Every code and every text of the program has its words, in both languages, in the house's manner."""

from __future__ import annotations

import re
from typing import Any

from core.kernel.words import catalogue
from tests.helpers.keys import is_used, placeholders, raised_faults, shown_texts, window_keys

LANGS = ("zh", "en")
# Keys that data names instead of code: state here who names them.
NAMED_BY_DATA: tuple[str, ...] = (
    # Families that sentences name themselves: `{move:visit.move}`.
    "visit.move.",
    "visit.blocker.",
    "prepared.state.",
)
UNWELCOME = ("!", "\N{FULLWIDTH EXCLAMATION MARK}", "系统错误", "system error")


def test_every_fault_has_words() -> None:
    assert sorted({f"{use.key} ({use.place})" for use in raised_faults() if use.key not in catalogue()}) == []


def test_every_fault_has_three_sentences_in_each_language() -> None:
    codes = {use.key for use in raised_faults()} & catalogue().keys()
    assert sorted(code for code in codes if not all(_is_fault(catalogue()[code].get(lang)) for lang in LANGS)) == []


def test_every_entry_is_a_text_or_a_fault_in_both_languages() -> None:
    odd = [key for key, words in catalogue().items() if set(words) != set(LANGS) or not _is_entry(words)]
    assert odd == []


def test_both_languages_take_the_same_parameters() -> None:
    differing = [k for k, words in catalogue().items() if placeholders(words["zh"]) != placeholders(words["en"])]
    assert differing == []


def test_every_raised_fault_passes_what_its_words_take() -> None:
    assert _lacking(raised_faults()) == []


def test_every_shown_text_passes_what_its_words_take() -> None:
    assert _lacking(shown_texts()) == []


def test_every_shown_text_has_words() -> None:
    missing = {f"{use.key} ({use.place})" for use in shown_texts() if use.key not in catalogue()}
    assert sorted(missing) == []


def test_every_shown_text_is_a_text_and_not_a_fault() -> None:
    shown = {use.key for use in shown_texts()} & catalogue().keys()
    assert sorted(key for key in shown if not isinstance(catalogue()[key]["zh"], str)) == []


def test_every_key_written_in_the_window_has_words() -> None:
    missing = {f"{use.key} ({use.place})" for use in window_keys() if use.key not in catalogue()}
    assert sorted(missing) == []


def test_every_entry_is_used() -> None:
    assert sorted(key for key in catalogue() if not is_used(key) and not key.startswith(NAMED_BY_DATA)) == []


def test_nobody_is_shouted_at() -> None:
    loud = [
        key
        for key, words in catalogue().items()
        for sentence in _sentences(words)
        # "! " at the start is the mark of a warning beside its word, not a shout.
        if any(mark in sentence.lower().removeprefix("! ") for mark in UNWELCOME)
    ]
    assert loud == []


def test_the_chinese_is_chinese() -> None:
    # A name that stays as it is in both languages, such as a unit, is no sentence left untranslated.
    same = [key for key, words in catalogue().items() if words["zh"] == words["en"] and not _is_symbol(words["zh"])]
    assert same == []


def _lacking(uses: Any) -> list[str]:
    found: set[str] = set()
    for use in uses:
        words = catalogue().get(use.key)
        if words is None or use.params is None:
            continue
        lacking = placeholders(words["zh"]) - use.params
        if lacking:
            found.add(f"{use.place}: {use.key} lacks {', '.join(sorted(lacking))}")
    return sorted(found)


def _is_fault(words: Any) -> bool:
    return isinstance(words, list) and len(words) == 3 and all(_is_sentence(part) for part in words)


def _is_sentence(part: Any) -> bool:
    return isinstance(part, str) and bool(part.strip())


def _is_entry(words: dict[str, Any]) -> bool:
    if all(isinstance(words[lang], str) for lang in LANGS):
        return all(words[lang].strip() for lang in LANGS)
    return all(_is_fault(words[lang]) for lang in LANGS)


def _sentences(words: dict[str, Any]) -> list[str]:
    return [part for lang in LANGS for part in ([words[lang]] if isinstance(words[lang], str) else words[lang])]


def _is_symbol(words: Any) -> bool:
    return isinstance(words, str) and re.sub(r"\{.*?\}|[A-Z]\w*", "", words).strip(" \t—-–·:：,，/()") == ""
