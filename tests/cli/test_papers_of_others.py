"""`document fine-receipt | letter | numbers | void-number | verify` of a picture, at the demo station."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image, ImageFilter

from tests.cli.line import CommandLine
from tests.cli.steps import ready_visit


def notice(demo: CommandLine) -> dict[str, Any]:
    visit = ready_visit(demo)
    return demo.ask("document", "issue", "D02", "--visit", visit["id"]) | {"visit": visit["id"]}


def test_a_receipt_is_registered_by_its_number_once(demo: CommandLine) -> None:
    visit = ready_visit(demo)["id"]
    words = ("document", "fine-receipt", "430012345", "--visit", visit, "--amount-yuan", "500")
    made = demo.ask(*words)
    assert (made["kind"], made["number"], made["state"]) == ("fine_receipt", "430012345", "final")
    assert demo.fault(*words) == "documents.receipt_known"
    assert (
        demo.fault("document", "render", made["document"], "--out", demo.home / "x.pdf") == "documents.kind_not_drawn"
    )


def test_a_received_letter_fills_its_reply(demo: CommandLine, tmp_path: Path) -> None:
    visit = ready_visit(demo)["id"]
    letter = tmp_path / "意见书.pdf"
    letter.write_bytes(b"%PDF-1.4 letter")
    words = ("--visit", visit, "--number", "某检意〔2026〕5号", "--sender", "某人民检察院")
    filed = demo.ask("document", "letter", "D28", letter, *words)
    assert filed["answered_by"] == "procurator_reply"
    assert demo.fault("document", "letter", "D02", letter, *words) == "cli.letter_kind_unknown"
    fields = tmp_path / "fields.yaml"
    fields.write_text("opinion: 移送审查\ncorrection: 已立案调查\nreply_by: 2026年6月1日", "utf-8")
    reply = demo.ask("document", "issue", "D28", "--visit", visit, "--fields", fields)
    out = tmp_path / "reply.pdf"
    demo.ask("document", "render", reply["document"], "--out", out)
    document = pypdfium2.PdfDocument(out)
    page = document[0]
    text_page = page.get_textpage()
    words_on_paper = "".join(text_page.get_text_range().split())
    for one in (text_page, page, document):
        one.close()
    assert "某检意〔2026〕5号" in words_on_paper
    assert "某人民检察院" in words_on_paper


def test_numbers_are_told_with_their_reasons_and_gaps(demo: CommandLine) -> None:
    first = notice(demo)
    block = next(
        one["block"] for one in demo.ask("document", "numbers")["blocks"] if one["block"]["kind"] == "inspection_notice"
    )
    assert demo.fault("document", "void-number", block["id"], "--reason", " ") == "numbers.void_reason_missing"
    lost = demo.ask("document", "void-number", block["id"], "--reason", "预印纸污损")
    assert (lost["state"], lost["number"] != first["number"]) == ("void", True)
    said = demo.say("document", "numbers")
    assert f"{lost['number']}  作废: 预印纸污损" in said
    assert "没有未说明的空号" in said
    assert demo.ask("document", "numbers")["gaps"] == 0


def test_a_photo_of_the_paper_gives_at_most_that_its_code_is_genuine(demo: CommandLine, tmp_path: Path) -> None:
    made = notice(demo)
    paper, photo = tmp_path / "paper.pdf", tmp_path / "photo.jpg"
    demo.ask("document", "render", made["document"], "--out", paper)
    _photograph(paper, photo)
    assert demo.ask("document", "verify", paper)["verdict"] == "genuine"
    seen = demo.ask("document", "verify", photo)
    assert (seen["verdict"], seen["facts"]["number"]) == ("code_genuine", made["number"])
    assert demo.ask("document", "verify", made["short_code"])["verdict"] == "code_genuine"
    blank = tmp_path / "blank.png"
    Image.new("L", (400, 300), 255).save(blank)
    ran = demo.run("--json", "document", "verify", blank)
    assert ran.code == 1
    assert ran.document["reasons"] == ["documents.check.no_code_seen"]


def _photograph(paper: Path, photo: Path) -> None:
    """Write a picture of the first page as a phone takes it: turned, grey, soft, with a shadow and JPEG's grain."""
    document = pypdfium2.PdfDocument(paper)
    page = document[0]
    sheet = page.render(scale=3).to_pil().convert("RGB")
    page.close()
    document.close()
    turned = sheet.rotate(4, expand=True, fillcolor=(90, 84, 70), resample=Image.Resampling.BICUBIC)
    soft = turned.filter(ImageFilter.GaussianBlur(1.0))
    shadow = Image.linear_gradient("L").resize(soft.size).point([150 + value // 3 for value in range(256)])
    Image.composite(soft, Image.new("RGB", soft.size, (60, 60, 60)), shadow).save(photo, quality=70)
