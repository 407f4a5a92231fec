"""The child of test_kill.py: answers check points without end, and says each number once it was saved.

python -m tests.cli.answering HOME ACCOUNT PASSWORD VISIT ITEM FIRST POINT...
"""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

from core.station import Station


def main(words: list[str]) -> None:
    """Answer the points in turn; the note of each answer holds its number, from FIRST on."""
    home, account, password, visit, item, first, *points = words
    session = Station.open(Path(home)).unlock(account, password)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for number in count(int(first)):
        point = points[number % len(points)]
        value = "fail" if number % 3 == 0 else "pass"
        session.checklists.answer(visit, item=item, point=point, value=value, note=str(number))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
