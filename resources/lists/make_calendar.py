"""Write calendar.csv from the library chinesecalendar (run by hand when a new year has been announced).

The library restates the yearly notices of the State Council's General Office on holidays (国务院办公厅关于部分
节假日安排的通知). Usage: python resources/lists/make_calendar.py
"""

from __future__ import annotations

import csv
from pathlib import Path

from chinese_calendar import constants

FIRST_YEAR = 2020
NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
}


def main() -> None:
    """Write every holiday and every made-up working day from FIRST_YEAR to the library's last year."""
    days = [(day, "no", NAMES[name]) for day, name in constants.holidays.items() if day.year >= FIRST_YEAR]
    days += [(d, "yes", f"{NAMES[name]}调休上班") for d, name in constants.workdays.items() if d.year >= FIRST_YEAR]
    path = Path(__file__).with_name("calendar.csv")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["day", "is_working", "name", "source_id"])
        writer.writerows([day, works, name, "CAL"] for day, works, name in sorted(days))


if __name__ == "__main__":
    main()
