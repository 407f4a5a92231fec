"""Lists on the command line: the published workbooks through the real store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.domain.lists import ListKind
from tests.cli.line import CommandLine

BOOKS = (
    ("items", "附件1-涉企行政检查事项清单.xlsx", 24),
    ("items", "附件2-市场监管随机抽查事项清单.xlsx", 75),
    ("items", "附件3-双随机抽查事项清单(各部门).xlsx", 56),
    ("plans", "附件4-年度部门联合抽查计划表.xlsx", 56),
    ("leniency", "附件5-轻微违法行为不予处罚等清单.xlsx", 81),
    ("caps", "附件6-检查频次上限.csv", 10),
)
REPORT = {"kind", "file", "dry_run", "accepted", "unchanged", "rejected", "warnings"}
COMPLAINT = {"sheet", "row", "column", "value", "code", "message"}


@pytest.fixture
def published(shared_data: Path) -> Path:
    return shared_data / "published"


@pytest.mark.parametrize(("kind", "name", "rows"), BOOKS)
def test_a_published_workbook_comes_in_once(
    small: CommandLine, published: Path, kind: str, name: str, rows: int
) -> None:
    report = small.ask("lists", "import", kind, published / name)
    assert set(report) >= REPORT
    assert (report["kind"], report["file"], report["dry_run"]) == (kind, name, False)
    assert (report["accepted"], report["unchanged"], report["rejected"]) == (rows, 0, [])
    assert all(set(one) >= COMPLAINT and one["message"] for one in report["warnings"])
    before = small.head_of_chain()
    again = small.ask("lists", "import", kind, published / name)
    assert (again["accepted"], again["unchanged"], again["rejected"]) == (0, rows, [])
    assert small.head_of_chain() == before


def test_a_dry_run_changes_nothing(small: CommandLine, published: Path) -> None:
    before, files = small.head_of_chain(), sorted(path.name for path in small.home.glob("ref-*"))
    report = small.ask("lists", "import", "items", published / BOOKS[0][1], "--dry-run")
    assert (report["dry_run"], report["accepted"]) == (True, 24)
    assert small.head_of_chain() == before
    assert sorted(path.name for path in small.home.glob("ref-*")) == files


def test_three_attachments_add_up_to_one_list(small: CommandLine, published: Path) -> None:
    for kind, name, _ in BOOKS[:3]:
        small.ask("lists", "import", kind, published / name)
    (items,) = [one for one in small.ask("lists", "status")["lists"] if one["kind"] == "items"]
    assert (items["version"], items["rows"]) == (3, 24 + 75 + 56)


def test_a_bad_row_is_told_with_its_place_and_the_good_ones_come_in(small: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "企业.csv"
    path.write_text(
        "统一社会信用代码,企业名称,地址\n91430104MA4XJT0158,长沙甲公司,岳麓大道1号\n91430104MA4XJT0159,乙公司,2号\n",
        "utf-8",
    )
    report = small.ask("lists", "import", "enterprises", path)
    assert report["accepted"] + len(report["rejected"]) == 2
    told = [*report["rejected"], *report["warnings"]]
    assert told
    assert {(one["row"], one["value"]) for one in told} >= {(3, "91430104MA4XJT0159")}
    assert all(set(one) >= COMPLAINT and one["message"] for one in told)
    spoken = small.say("lists", "import", "enterprises", path, "--dry-run", "--lang", "en")
    assert "91430104MA4XJT0159" in spoken


@pytest.mark.parametrize("kind", ["subjects", "items", "enterprises", "officers", "leniency", "calendar", "caps"])
def test_every_kind_goes_out_and_comes_back_unchanged(demo: CommandLine, tmp_path: Path, kind: str) -> None:
    out = tmp_path / f"{kind}.xlsx"
    assert demo.ask("lists", "export", kind, out)["file"] == str(out)
    report = demo.ask("lists", "import", kind, out, "--replace", "--dry-run")
    assert (report["accepted"], report["unchanged"], report["rejected"]) == (0, rows_of(demo, kind), [])


def test_plans_go_out_and_come_back_unchanged_once_their_months_were_read(demo: CommandLine, tmp_path: Path) -> None:
    # The demo keeps "all year" as text alone, an import also as twelve months: the second round is the equal one.
    out = tmp_path / "plans.xlsx"
    demo.ask("lists", "export", "plans", out)
    demo.ask("lists", "import", "plans", out, "--replace")
    demo.ask("lists", "export", "plans", out)
    report = demo.ask("lists", "import", "plans", out, "--replace")
    assert (report["accepted"], report["unchanged"], report["rejected"]) == (0, rows_of(demo, "plans"), [])


def rows_of(line: CommandLine, kind: str) -> int:
    return next(one["rows"] for one in line.ask("lists", "status")["lists"] if one["kind"] == kind)


@pytest.mark.parametrize("kind", [kind.value for kind in ListKind])
def test_every_kind_has_a_template_that_is_read_as_an_empty_list(small: CommandLine, tmp_path: Path, kind: str) -> None:
    template = tmp_path / f"{kind}.xlsx"
    small.ask("lists", "template", kind, template)
    report = small.ask("lists", "import", kind, template, "--dry-run")
    assert (report["accepted"], report["rejected"]) == (0, [])


def test_enterprises_are_searched_by_name_initials_code_and_address(demo: CommandLine) -> None:
    (first,) = demo.ask("enterprises", "search", "餐", "--limit", "1")
    assert set(first) >= {"id", "name", "uscc", "street", "grade", "score"}
    for words in ((first["uscc"],), (first["name"],), (first["name"][:3], first["name"][-3:])):
        assert first["id"] in [hit["id"] for hit in demo.ask("enterprises", "search", *words)]
    assert demo.ask("enterprises", "search", "没有这样的企业名称") == []
    assert "没有找到" in demo.say("enterprises", "search", "没有这样的企业名称")


def test_generated_enterprises_are_the_same_every_time_and_come_in(small: CommandLine, tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    assert small.ask("enterprises", "generate", "300", first) == {"file": str(first), "rows": 300}
    small.ask("enterprises", "generate", "300", second)
    assert first.read_bytes() == second.read_bytes()
    report = small.ask("lists", "import", "enterprises", first)
    assert (report["accepted"], report["rejected"]) == (300, [])
    assert json.dumps(report, ensure_ascii=False)


def test_a_column_under_a_strange_heading_is_read_as_the_person_says(small: CommandLine, tmp_path: Path) -> None:
    path, mapping = tmp_path / "事项.csv", tmp_path / "mapping.json"
    path.write_text("检查主体,要查的东西,检查依据\n甲局,乙检查,《丁法》第一条\n", "utf-8")
    assert small.fault("lists", "import", "items", path) == "lists.no_header"
    (sheet,) = small.ask("lists", "recognise", path)["sheets"]
    fields = zip("ABC", ("subject", "name", "legal_basis"), strict=True)
    columns = [{"letter": letter, "field": field} for letter, field in fields]
    mapping.write_text(json.dumps([sheet | {"kind": "items", "header_row": 1, "columns": columns}]), "utf-8")
    report = small.ask("lists", "import", "items", path, "--mapping", mapping)
    assert (report["accepted"], report["rejected"]) == (1, [])
    mapping.write_text("[1]", "utf-8")
    assert small.fault("lists", "import", "items", path, "--mapping", mapping, code=3) == "cli.mapping_unreadable"


def test_a_list_may_be_confirmed_so_that_it_counts_as_fresh(demo: CommandLine) -> None:
    assert demo.ask("lists", "confirm", "items")["kind"] == "items"
    assert demo.ask("log", "verify")["verdict"] == "intact"


def test_what_is_not_there_cannot_be_confirmed(small: CommandLine) -> None:
    assert small.fault("lists", "confirm", "items") == "lists.nothing_to_confirm"
