"""Draws a three-page record with the program and barely with reportlab, and a batch with typst where it is installed.

Argument: repetitions. Prints seconds as JSON. "Bare" replays the program's own drawing calls on a fresh canvas:
the same page without composing, line breaking, glyph checks or page filling.
"""

import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from reportlab.pdfgen.canvas import Canvas

from core.codes.make import qr_matrix
from core.crypto.certificates import new_certificate
from core.domain.documents import (
    Block,
    BlockKind,
    CodeImage,
    DocumentFacts,
    DocumentKind,
    FieldValue,
    Issuer,
    Layout,
    Signature,
    SignMethod,
)
from core.papers import render as drawing
from core.papers.archive import archived
from core.papers.seals import sign_pdf

BATCH = 100
AT = datetime(2026, 3, 17, 1, 0, tzinfo=UTC)
SENTENCE = "检查人员出示执法证件并告知权利义务后,对经营场所、后厨、仓库和台账进行了现场检查,当事人陪同并作出说明。"
CODE_TEXT = "MJ1:" + "6BF+70790T9WJWG.FKY*4GO0" * 6
CODE = CodeImage(text=CODE_TEXT, matrix=qr_matrix(CODE_TEXT))
STROKES = tuple(tuple(100 * turn + 13 * step % 700 for step in range(40)) for turn in range(3))


def facts() -> DocumentFacts:
    """Return a record of three pages with a form, paragraphs, a table and drawn signatures."""
    grid = tuple((FieldValue(id=f"f{n}", label=f"项目{n}", value="长沙市岳麓区麓谷街道文轩路27号"),) for n in range(6))
    rows = tuple((str(n), f"第{n}项:进货查验记录", "合格" if n % 5 else "不合格", SENTENCE[:18]) for n in range(1, 15))
    blocks = (
        Block(kind=BlockKind.FORM, grid=grid),
        *(Block(kind=BlockKind.PARAGRAPH, text=SENTENCE * 3) for _ in range(3)),
        Block(kind=BlockKind.TABLE, headings=("序号", "检查内容", "结果", "情况"), rows=rows, widths=(1, 5, 2, 5)),
        Block(kind=BlockKind.BLANK_BELOW),
    )
    roles = {"party": "当事人", "officer": "检查人员", "officer2": "检查人员"}
    signatures = tuple(
        Signature(role=role, label=label, method=SignMethod.DRAWN, strokes=STROKES, on_each_page=True)
        for role, label in roles.items()
    )
    return DocumentFacts(
        id="bench",
        kind=DocumentKind.SCENE_RECORD,
        number="示例〔2026〕1号",
        body="示例市场监管局",
        title="现场检查笔录",
        layout=Layout.RECORD,
        issued_at=AT,
        issued_on=date(2026, 3, 17),
        blocks=blocks,
        signatures=signatures,
        issuer=Issuer(body="示例市场监管局", date_text="2026年3月17日"),
        is_demo=True,
    )


class Recorded:
    """Stands before an object of reportlab, passes every call on and notes it."""

    def __init__(self, inner: Any, log: list[Any], place: int) -> None:
        self.__dict__.update(inner=inner, log=log, place=place)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        if not callable(found):
            return found

        def call(*args: Any, **named: Any) -> Any:
            log = self.log
            place = len(log)
            log.append((self.place, name, tuple(_mark(one) for one in args), named))
            answer = found(*(one.inner if isinstance(one, Recorded) else one for one in args), **named)
            return Recorded(answer, log, place) if type(answer).__module__.startswith("reportlab") else answer

        return call


class Mark(int):
    """The place of the call that gave an object."""


def _mark(value: Any) -> Any:
    return Mark(value.place) if isinstance(value, Recorded) else value


def recorded(paper: DocumentFacts) -> tuple[list[Any], dict[str, Any]]:
    """Return the drawing calls of a paper and how its canvas was made."""
    log: list[Any] = []
    made: dict[str, Any] = {}

    def canvas(out: Any, **named: Any) -> Any:
        made.update(named)
        return Recorded(Canvas(out, **named), log, -1)

    usual = drawing.Canvas, drawing.archived
    drawing.Canvas, drawing.archived = canvas, lambda raw, *_, **__: raw
    drawing.render(paper, code=CODE)
    drawing.Canvas, drawing.archived = usual
    return log, made


def bare(log: list[Any], made: dict[str, Any]) -> bytes:
    """Draw the calls again."""
    out = BytesIO()
    given: dict[int, Any] = {-1: Canvas(out, **made)}
    for place, (owner, name, args, named) in enumerate(log):
        values = (given[one] if isinstance(one, Mark) else one for one in args)
        given[place] = getattr(given[owner], name)(*values, **named)
    return out.getvalue()


def drawn(paper: DocumentFacts) -> bytes:
    """Draw with the program, without PDF/A, which is timed apart."""
    usual = drawing.archived
    drawing.archived = lambda raw, *_, **__: raw
    try:
        return drawing.render(paper, code=CODE)
    finally:
        drawing.archived = usual


def one_of_batch(number: int) -> int:
    paper = facts()
    return len(drawing.render(paper, code=CODE)) if number < 0 else len(drawn(paper))


def timed(work: Any) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def typst_batch(count: int) -> float | None:
    """Return the seconds typst takes for as many papers one by one, or None where it is not installed."""
    try:
        typst: Any = import_module("typst")
    except ImportError:
        return None
    fonts = [str(Path(__file__).resolve().parents[2] / "resources" / "fonts")]
    paper = facts()
    table = paper.blocks[-2]
    cells = ", ".join(f"[{cell}]" for row in (table.headings, *table.rows) for cell in row)
    words = "\n\n".join(block.text for block in paper.blocks if block.kind is BlockKind.PARAGRAPH)
    source = (
        '#set page(paper: "a4", margin: 2.6cm, numbering: "1")\n'
        '#set text(font: "Noto Serif SC", size: 12pt, lang: "zh")\n'
        f"= {paper.title}\n{words}\n#table(columns: (1fr, 5fr, 2fr, 5fr), {cells})\n"
    )
    typst.compile(source.encode(), font_paths=fonts)
    return timed(lambda: [typst.compile(source.encode(), font_paths=fonts) for _ in range(count)])


def main(rounds: int) -> None:
    paper = facts()
    log, made = recorded(paper)
    pages = drawn(paper).count(b"/Type /Page\n") or sum(1 for _, name, *_ in log if name == "showPage")
    own: list[float] = []
    bares: list[float] = []
    for _ in range(rounds):
        own.append(timed(lambda: drawn(paper)))
        bares.append(timed(lambda: bare(log, made)))
    raw = drawn(paper)
    archive = [timed(lambda: archived(raw, paper, CODE.text)) for _ in range(max(3, rounds // 3))]
    whole = archived(raw, paper, CODE.text)
    private, certificate = new_certificate("bench", AT)
    sign = [timed(lambda: sign_pdf(whole, private_der=private, certificate_der=certificate, at=AT)) for _ in range(3)]
    batch = BATCH if rounds > 5 else 4
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one_of_batch, range(os.cpu_count() or 1)))
        together = timed(lambda: list(pool.map(one_of_batch, range(batch), chunksize=5)))
    answer = {"own": own, "bare": bares, "archive": archive, "sign": sign, "pages": pages, "batch": batch}
    answer |= {"batch_s": together, "typst_s": typst_batch(batch)}
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
