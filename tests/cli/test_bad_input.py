"""Bad input through the command line: three sentences each in both languages, and nothing is lost."""

from __future__ import annotations

import io
import json
import os
import shutil
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from core.codes.make import qr_png
from core.kernel.clock import FixedClock
from core.kernel.records import canonical_bytes, changed
from core.storage.home import Home
from tests.cli.line import CommandLine
from tests.cli.steps import begun, opened, planned, ready_visit
from tests.helpers.house import ROOT
from tests.helpers.sheet_books import book

ROWS = [["检查主体", "检查事项", "检查依据"], ["甲局", "乙检查", "《丁法》第一条"]]


@pytest.fixture
def kept(demo: CommandLine) -> Iterator[CommandLine]:
    """Give the demo station, and see afterwards that not one entry came or went and that the log is intact."""
    before = demo.head_of_chain()
    yield demo
    assert demo.head_of_chain() == before
    assert demo.ask("log", "verify")["verdict"] == "intact"


def told_in_both(line: CommandLine, *words: str | Path, code: int = 1) -> str:
    """Run a command that fails with its three sentences, in Chinese and in English; return the code of the fault."""
    errors: set[str] = set()
    said: list[str] = []
    for lang in ("zh", "en"):
        ran = line.run(*words, "--lang", lang)
        assert ran.code == code, ran.err
        errors.add(ran.document["error"])
        said += ran.err.strip().splitlines()
    assert len(set(said)) == len(said) == 6, "three sentences in each language, none the same in both"
    (error,) = errors
    return error


def png_claiming(width: int, height: int) -> bytes:
    """Return the beginning of a PNG that promises so many pixels and brings none."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 1000) + b"IDAT"


def test_a_torn_picture_of_a_code(kept: CommandLine, tmp_path: Path) -> None:
    picture = tmp_path / "torn.png"
    picture.write_bytes(qr_png("91430104MA4XJT0158")[:120])
    assert told_in_both(kept, "scan", "decode", picture, code=3) == "codes.image_unreadable"


def test_a_picture_without_a_code_at_the_door(demo: CommandLine, tmp_path: Path) -> None:
    visit = ready_visit(demo)["id"]
    opened(demo, visit)
    demo.move("notify", visit)
    demo.move("arrive", visit)
    before = demo.head_of_chain()
    picture = tmp_path / "torn.png"
    whole = io.BytesIO(qr_png("91430104MA4XJT0158"))
    from PIL import Image

    with Image.open(whole) as code:
        code.convert("L").crop((0, 0, code.width // 3, code.height)).save(picture)
    assert told_in_both(demo, "visit", "scan", visit, "--image", picture) == "cli.code_not_read"
    assert told_in_both(demo, "visit", "scan", visit) == "cli.code_missing"
    assert demo.head_of_chain() == before


def test_a_foreign_code_is_kept_raw_and_stops_at_the_gate(demo: CommandLine) -> None:
    visit = ready_visit(demo)["id"]
    opened(demo, visit)
    demo.move("notify", visit)
    demo.move("arrive", visit)
    demo.move("scan", visit, "--text", "https://example.org/menu")
    demo.move("identify", visit, "--name", "周经理")
    ran = demo.run("visit", "begin", visit)
    assert (ran.code, len(ran.err.strip().splitlines())) == (1, 3)
    after = demo.ask("visit", "show", visit)["visit"]
    assert (after["state"], after["scan"]["raw"]) == ("scanned", "https://example.org/menu")


def test_a_wrong_check_digit_stops_at_the_gate(demo: CommandLine) -> None:
    visit = ready_visit(demo)
    opened(demo, visit["id"])
    demo.move("notify", visit["id"])
    demo.move("arrive", visit["id"])
    code = visit["uscc"]
    demo.move("scan", visit["id"], "--text", code[:-1] + ("0" if code[-1] != "0" else "1"))
    demo.move("identify", visit["id"], "--name", "周经理")
    ran = demo.run("visit", "begin", visit["id"])
    assert (ran.code, len(ran.err.strip().splitlines())) == (1, 3)
    assert demo.ask("visit", "show", visit["id"])["visit"]["scan"]["uscc_valid"] is False


def test_a_damaged_workbook(kept: CommandLine, tmp_path: Path) -> None:
    whole = book(tmp_path / "a.xlsx", ROWS).read_bytes()
    (tmp_path / "b.xlsx").write_bytes(whole[: len(whole) // 2])
    assert told_in_both(kept, "lists", "import", "items", tmp_path / "b.xlsx", code=3) == "sheets.damaged"


def test_a_workbook_under_a_password(kept: CommandLine, tmp_path: Path) -> None:
    plain = io.BytesIO(book(tmp_path / "a.xlsx", ROWS).read_bytes())
    with (tmp_path / "locked.xlsx").open("wb") as file:
        OOXMLFile(plain).encrypt("secret", file)
    assert told_in_both(kept, "lists", "import", "items", tmp_path / "locked.xlsx") == "sheets.password"


def test_a_workbook_that_is_away_or_no_table(kept: CommandLine, tmp_path: Path) -> None:
    assert told_in_both(kept, "lists", "import", "items", tmp_path / "none.xlsx", code=3) == "sheets.unreadable"
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7 ...")
    assert told_in_both(kept, "lists", "import", "items", tmp_path / "a.pdf") == "sheets.not_a_table"


def test_a_picture_that_claims_three_hundred_megapixels(kept: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "wall.png").write_bytes(png_claiming(20_000, 15_000))
    assert told_in_both(kept, "scan", "decode", tmp_path / "wall.png") == "codes.image_too_large"


def test_a_picture_of_three_hundred_megabytes_as_code_and_as_evidence(demo: CommandLine, tmp_path: Path) -> None:
    visit = begun(demo)["id"]
    before = demo.head_of_chain()
    huge = tmp_path / "huge.png"
    with huge.open("wb") as file:
        file.write(png_claiming(100, 100))
        # Holes take no room on the disk, and nobody may read so far anyway.
        file.truncate(300_000_000)
    assert told_in_both(demo, "scan", "decode", huge) == "codes.image_too_large"
    assert told_in_both(demo, "visit", "attach", visit, huge, "--kind", "photo") == "evidence.too_large"
    assert told_in_both(demo, "visit", "attach", visit, huge) == "evidence.too_large"
    assert demo.head_of_chain() == before
    assert demo.ask("visit", "evidence", visit)["evidence"] == []


def test_an_empty_or_absent_file_as_evidence(demo: CommandLine, tmp_path: Path) -> None:
    visit = begun(demo)["id"]
    (tmp_path / "empty.jpg").write_bytes(b"")
    assert told_in_both(demo, "visit", "attach", visit, tmp_path / "empty.jpg") == "evidence.empty"
    assert told_in_both(demo, "visit", "attach", visit, tmp_path / "away.jpg", code=3) == "cli.file_unreadable"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_where_a_file_goes_out(kept: CommandLine) -> None:
    visit = ready_visit(kept)["id"]
    assert told_in_both(kept, "visit", "scheme", visit, "/dev/full", code=3) == "cli.file_unwritable"


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a mounted file system of 16 MB, or skip where this process may not mount."""
    mounted = tmp_path / "tiny"
    mounted.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(mounted)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small file system here")
    yield mounted
    subprocess.run(["umount", "-l", str(mounted)], check=True)


def fill(folder: Path) -> Path:
    """Fill the disk of a folder to its last byte."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 10, 1):
            try:
                while file.write(b"\0" * size) == size:
                    pass
            except OSError:
                continue
    return ballast


def test_a_full_disk_under_the_station(demo: CommandLine, tiny_disk: Path, tmp_path: Path) -> None:
    visit = begun(demo)
    shutil.copytree(demo.home, tiny_disk / "home")
    demo.home = tiny_disk / "home"
    before = demo.head_of_chain()
    photo = tmp_path / "photo.png"
    photo.write_bytes(qr_png("x") + os.urandom(100_000))
    ballast = fill(tiny_disk)
    ran = demo.run("visit", "attach", visit["id"], photo)
    assert (ran.code, ran.document["error"]) == (3, "storage.disk_full")
    assert len(ran.err.strip().splitlines()) == 3
    ballast.unlink()
    assert demo.head_of_chain() == before
    assert demo.ask("log", "verify")["verdict"] == "intact"
    assert demo.ask("visit", "attach", visit["id"], photo)["file_name"] == "photo.png"


def test_a_disk_that_fills_while_answers_are_saved(demo: CommandLine) -> None:
    """The store may grow no further in a child process; whatever it said was saved is there afterwards."""
    visit = begun(demo)
    (listed,) = demo.ask("visit", "checklist", visit["id"])["checklists"]
    point = next(one["id"] for one in listed["checklist"]["points"] if one["kind"] == "verdict")
    words = ["visit", "answer", visit["id"], "--item", listed["item"], "--point", point, "--value", "pass", "--json"]
    before = demo.head_of_chain()
    limited = "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))"
    code = f"import resource, sys; {limited}; import main; sys.exit(main.main(sys.argv[1:]))"
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, "-B", "-c", code, *words], capture_output=True, text=True, env=env, check=False
    )
    assert ran.returncode == 3, ran.stderr
    assert json.loads(ran.stdout)["error"].startswith("storage.disk_f")
    assert len(ran.stderr.strip().splitlines()) == 3
    assert demo.head_of_chain() == before
    assert demo.ask("log", "verify")["verdict"] == "intact"


def test_a_place_where_no_station_can_be_made(small: CommandLine, tmp_path: Path) -> None:
    # A file stands where the folder should be; this also stops root, whom permissions do not stop.
    (tmp_path / "file").write_text("mine")
    small.home = tmp_path / "file" / "home"
    assert told_in_both(small, "station", "new", "--name", "x", code=3) == "storage.read_only"
    assert (tmp_path / "file").read_text() == "mine"


@pytest.fixture
def read_only(demo: CommandLine, tmp_path: Path) -> Iterator[CommandLine]:
    """Give the demo station on a file system that is mounted read-only, or skip where this process may not mount."""
    mounted = tmp_path / "read-only"
    mounted.mkdir()
    bind = ["mount", "--bind", str(demo.home), str(mounted)]
    if shutil.which("mount") is None or subprocess.run(bind, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a folder read-only here")
    subprocess.run(["mount", "-o", "remount,ro,bind", str(mounted)], check=True)
    writable, demo.home = demo.home, mounted
    yield demo
    demo.home = writable
    subprocess.run(["umount", "-l", str(mounted)], check=True)


def test_a_station_in_a_read_only_folder(read_only: CommandLine) -> None:
    assert told_in_both(read_only, "visit", "list", code=3) == "storage.read_only"


def test_a_file_into_a_read_only_folder(kept: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    target = tmp_path / "file" / "out"
    assert told_in_both(kept, "visit", "scheme", ready_visit(kept)["id"], target, code=3) == "cli.file_unwritable"
    assert told_in_both(kept, "lists", "export", "items", target.with_suffix(".csv"), code=3) == "sheets.not_written"


def test_a_backup_into_a_folder_that_is_not_there(kept: CommandLine, tmp_path: Path) -> None:
    assert told_in_both(kept, "backup", "make", tmp_path / "none" / "out", code=3) == "backup.not_written"


def test_a_backup_onto_a_read_only_stick(kept: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    assert told_in_both(kept, "backup", "make", tmp_path / "file" / "out", code=3) == "backup.not_written"


def test_a_station_from_a_newer_version(demo: CommandLine) -> None:
    home = Home(demo.home)
    file, before = demo.home / "station.json", (demo.home / "station.json").read_bytes()
    file.write_bytes(canonical_bytes(changed(home.read(), format=99)))
    kept = {path: path.read_bytes() for path in demo.home.glob("*.db")}
    assert told_in_both(demo, "visit", "list") == "storage.newer_version"
    assert {path: path.read_bytes() for path in demo.home.glob("*.db")} == kept
    file.write_bytes(before)
    assert demo.ask("log", "verify")["verdict"] == "intact"


def test_a_damaged_store(demo: CommandLine) -> None:
    store = demo.home / "main.db"
    torn = b"x" * 4096 + store.read_bytes()[4096:]
    store.write_bytes(torn)
    assert told_in_both(demo, "visit", "list", code=3) == "storage.damaged"
    assert store.read_bytes() == torn


@pytest.mark.parametrize("back", [{"hours": -3}, {"days": -400}])
def test_a_clock_set_back_loses_nothing_and_is_remarked(
    demo: CommandLine, held_clock: FixedClock, back: dict[str, float]
) -> None:
    visit = begun(demo)["id"]
    entries = demo.head_of_chain()[0]
    held_clock.advance(**back)
    (listed,) = demo.ask("visit", "checklist", visit)["checklists"]
    point = next(one["id"] for one in listed["checklist"]["points"] if one["kind"] == "verdict")
    demo.ask("visit", "answer", visit, "--item", listed["item"], "--point", point, "--value", "pass")
    demo.move("identify", visit, "--name", "李经理")
    after = demo.ask("visit", "show", visit)["visit"]
    assert "clock_set_back" in [one["code"] for one in after["remarks"]]
    assert demo.head_of_chain()[0] == entries + 2
    assert demo.ask("log", "verify")["verdict"] == "intact"


NONSENSE: tuple[Callable[[str], tuple[str, ...]], ...] = (
    lambda key: ("visit", "show", ""),
    lambda key: ("visit", "answer", key, "--item", "none", "--point", "none", "--value", "pass"),
    lambda key: ("finding", "set", "none", "--text", "x"),
    lambda key: ("visit", "void-evidence", "none", "--reason", "x"),
    lambda key: ("document", "issue", "scene_record", "--visit", key),
    lambda key: ("document", "render", "none", "--out", "none.pdf"),
)


@pytest.mark.parametrize("make", NONSENSE, ids=range(len(NONSENSE)))
def test_what_does_not_exist_is_refused_and_never_a_defect(
    demo: CommandLine, make: Callable[[str], tuple[str, ...]]
) -> None:
    key = planned(demo)["id"]
    before = demo.head_of_chain()
    ran = demo.run(*make(key))
    assert ran.code in (1, 3), ran.err
    assert len(ran.err.strip().splitlines()) == 3
    assert demo.head_of_chain() == before
