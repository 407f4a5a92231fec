"""The command line. Exit: 0 done, 1 refused, 2 usage, 3 trouble, 70 defect (design.md section 9)."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.kernel.errors import Cancelled, Fault, Refusal
from core.kernel.words import fault_words

if TYPE_CHECKING:
    from core.cli.context import Context

DONE, REFUSED, TROUBLE, DEFECT, STOPPED = 0, 1, 3, 70, 130


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; every group adds its own."""
    from core.cli import (
        bench,
        case_files,
        deadlines,
        determine,
        documents,
        enterprises,
        findings,
        hq,
        lists,
        logs,
        scan,
        station,
        sync,
        visits,
    )

    top = argparse.ArgumentParser(prog="mingjian", description="明检 · offline enterprise inspections")
    common = argparse.ArgumentParser(add_help=False)
    for target, missing in ((top, None), (common, argparse.SUPPRESS)):
        target.add_argument("--home", default=missing, help="folder of the station")
        target.add_argument("--json", action="store_true", default=missing or False, help="one JSON document on stdout")
        target.add_argument("--lang", choices=("zh", "en"), default=missing or "zh")
        target.add_argument("--account", default=missing, help="or MINGJIAN_ACCOUNT")
        target.add_argument("--password-file", default=missing, help="or MINGJIAN_PASSWORD")
    groups = top.add_subparsers(dest="group", required=True, metavar="COMMAND")
    for module in (
        station,
        lists,
        enterprises,
        scan,
        visits,
        findings,
        determine,
        documents,
        deadlines,
        case_files,
        logs,
        hq,
        sync,
        bench,
    ):
        module.add(groups, common)
    return top


def main(argv: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    from core.cli.context import Context

    try:
        args = parser().parse_args(argv)
    except SystemExit as leaving:
        return int(leaving.code or DONE)
    context = Context(args)
    try:
        args.run(context)
        sys.stdout.flush()
    except Fault as fault:
        return _told(context, fault)
    except (Cancelled, KeyboardInterrupt):
        print(context.words("cli.stopped"), file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        # Whoever read our output has enough. What is still in the buffer must not fail once more when we leave.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception:  # noqa: BLE001  # the outermost edge: a defect is told loudly and has its own exit code
        traceback.print_exc()
        print(context.words("cli.defect"), file=sys.stderr)
        return DEFECT
    finally:
        context.close()
    return DONE


def _told(context: Context, fault: Fault) -> int:
    """Say the three sentences on stderr, and on stdout where a script waits for a document and has none yet."""
    words = fault_words(fault, context.lang)
    if not context.has_answered:
        params = {name: str(value) for name, value in fault.params.items()}
        context.show({"error": fault.code, "params": params, "words": str(words)})
    for sentence in (words.what, words.safe, words.todo):
        print(sentence, file=sys.stderr)
    return REFUSED if isinstance(fault, Refusal) else TROUBLE
