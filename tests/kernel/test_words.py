"""The words of faults: parameters are filled in, and values are said in words."""

from __future__ import annotations

from core.kernel.errors import Refusal
from core.kernel.words import fault_words, text


def test_a_value_inside_a_sentence_is_said_in_the_language_of_the_sentence() -> None:
    fault = Refusal("visit.illegal_move", state="arrived", move="scan")
    assert fault_words(fault, "zh").what == f"检查处于“{text('visit.state.arrived', 'zh')}”状态,不能进行“扫码”。"
    assert "“scan”" in fault_words(fault, "en").what


def test_several_values_are_said_one_after_the_other() -> None:
    said = fault_words(Refusal("gates.blocked", gates="approval, two_officers"), "zh").what
    assert said == "入企核验未通过:负责人批准、两名以上持证人员。"


def test_a_value_without_words_stays_as_it_was_typed() -> None:
    assert "“没有这一步”" in fault_words(Refusal("visit.reason_missing", move="没有这一步"), "zh").what


def test_what_is_safe_and_what_to_do_follow_what_happened() -> None:
    words = fault_words(Refusal("station.missing", path="/home/x"), "en")
    assert (words.what.endswith("(/home/x)."), bool(words.safe), bool(words.todo)) == (True, True, True)
