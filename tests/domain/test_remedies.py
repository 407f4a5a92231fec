"""Remedy texts."""

from core.domain.remedies import RemedyKind, remedy_blocks


def test_an_on_the_spot_penalty_sends_to_reconsideration_first() -> None:
    (block,) = remedy_blocks(RemedyKind.SUMMARY, reconsideration_body="长沙市人民政府")
    assert "60日内先向长沙市人民政府申请行政复议" in block.text
    assert "15日内" in block.text
    assert "不能直接提起行政诉讼" in block.text
    assert not block.is_unverified


def test_other_acts_leave_the_choice() -> None:
    (block,) = remedy_blocks(RemedyKind.DIRECT, reconsideration_body="长沙市人民政府", court="长沙铁路运输法院")
    assert "6个月内依法向长沙铁路运输法院提起行政诉讼" in block.text
    assert "60日内" in block.text


def test_a_body_that_nobody_configured_is_unverified_and_never_guessed() -> None:
    (block,) = remedy_blocks(RemedyKind.SUMMARY, reconsideration_body=" ")
    assert block.is_unverified
    assert "（复议机关）" in block.text


def test_an_online_channel_is_told() -> None:
    blocks = remedy_blocks(RemedyKind.DIRECT, reconsideration_body="某政府", online_channel="行政复议网上申请平台")
    assert "行政复议网上申请平台" in blocks[1].text
