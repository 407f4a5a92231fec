"""Made-up enterprises: any number, the same for the same seed, streamed.

The first N rows are the same whatever the number asked for. Codes have right check digits and never repeat;
names, people, phones and house numbers are synthetic (names may repeat). The matter is in
resources/demo/enterprises.toml.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from core.domain.enterprises import Enterprise
from core.domain.initials import initials_of
from core.domain.lists import Origin
from core.kernel.errors import Trouble
from core.kernel.progress import Progress, Unwatched
from core.kernel.resources import resources_dir
from core.services.demo.chance import MASK64, mix, weighted
from core.services.demo.usccs import SERIALS, UsccMaker

DEFAULT_SEED = 20251107
SOURCE_ID = "demo-enterprises"
# The step is prime to the number of serials, so serials do not repeat before all are used.
SERIAL_STEP = 514229
ROW_STEP = 0xD1B54A32D192ED03
COMPANY, SHOP = "企业", "个体工商户"
SHOPS_PERCENT = 46
DISTRICTS = {"430104": "岳麓区", "430112": "望城区"}
PROGRESS_EVERY = 5000

CSV_HEADINGS: tuple[tuple[str, str], ...] = (
    ("uscc", "统一社会信用代码"),
    ("name", "企业名称"),
    ("initials", "拼音首字母"),
    ("entity_type", "主体类型"),
    ("district_code", "行政区划代码"),
    ("street_code", "街道代码"),
    ("street", "街道"),
    ("address", "地址"),
    ("industry_code", "行业代码"),
    ("industry", "行业"),
    ("size_class", "规模"),
    ("grade", "信用等级"),
    ("legal_rep", "法定代表人"),
    ("phone", "联系电话"),
    ("established_on", "成立日期"),
    ("status", "登记状态"),
)

Spelled = tuple[str, str]
"""A part of a name and its initials."""


def _spelled(text: str) -> Spelled:
    return text, initials_of(text)


# Two characters together read as they do in the whole name (长天 CT, 长官 ZG); there are some ten thousand pairs.
_spelled_once = cache(_spelled)


@cache
def _matter() -> dict[str, Any]:
    return tomllib.loads((resources_dir() / "demo" / "enterprises.toml").read_text("utf-8"))


class _Street:
    def __init__(self, code: str, name: str, roads: list[str]) -> None:
        self.code = code
        self.name = name
        self.district_code = code[:6]
        self.district = DISTRICTS[self.district_code]
        self.shop_place = _spelled(f"长沙市{self.district}")
        self.roads = tuple(f"长沙市{self.district}{name}{road}" for road in roads)
        self.shop_prefix = f"92{self.district_code}"
        self.company_prefix = f"91{self.district_code}"


class _Industry:
    def __init__(self, code: str, name: str, company_word: str, shop_word: str) -> None:
        self.code = code
        self.name = name
        self.company_word = _spelled(company_word)
        self.shop_word = _spelled(shop_word)


class EnterpriseMaker:
    """Makes the enterprise of a row number, counted from 0."""

    def __init__(self, seed: int = DEFAULT_SEED) -> None:
        matter = _matter()
        self._seed = mix(seed)
        self._serial_offset = self._seed % SERIALS
        self._usccs = UsccMaker(("91430100", *(f"{kind}{district}" for kind in ("91", "92") for district in DISTRICTS)))
        self._streets = weighted([(_Street(code, name, roads), w) for code, name, w, roads in matter["streets"]])
        industries = [(_Industry(*words), weight) for *words, weight in matter["industries"]]
        self._company_industries = weighted(industries, size=4096)
        self._shop_industries = weighted([(i, w) for i, w in industries if i.shop_word[0]], size=4096)
        self._brand_first = matter["brand_first"]
        self._brand_second = matter["brand_second"]
        self._brand_third = [_spelled(character) for character in matter["brand_third"]]
        self._company_places = [_spelled(place) for place in matter["company_places"]]
        self._company_forms = weighted([(_spelled(form), weight) for form, weight in matter["company_forms"]])
        self._shop_endings = [_spelled(ending) for ending in matter["shop_endings"]]
        self._sizes = weighted([tuple(pair) for pair in matter["sizes"]])
        self._grades = weighted([tuple(pair) for pair in matter["grades"]])
        self._statuses = weighted([tuple(pair) for pair in matter["statuses"]])
        self._surnames, self._given_names = matter["surnames"], matter["given_names"]
        self._phone_heads = matter["phone_heads"]

    def row(self, number: int) -> Enterprise:
        """Return the enterprise. The bits of three mixed numbers are shared out among its fields."""
        h = mix(self._seed ^ (number * ROW_STEP & MASK64))
        g = mix(h)
        m = mix(g)
        street = self._streets[h & 1023]
        serial = (number * SERIAL_STEP + self._serial_offset) % SERIALS
        is_shop = (h >> 10) % 100 < SHOPS_PERCENT
        if is_shop:
            industry = self._shop_industries[h >> 20 & 4095]
            name, initials = self._shop_name(h, g, street, industry)
            code = self._usccs.code(street.shop_prefix, serial)
        else:
            industry = self._company_industries[h >> 20 & 4095]
            name, initials = self._company_name(h, g, industry)
            # A quarter of the companies is registered with the city.
            code = self._usccs.code("91430100" if h >> 56 & 3 == 0 else street.company_prefix, serial)
        return Enterprise(
            id=code,
            uscc=code,
            name=name,
            initials=initials,
            entity_type=SHOP if is_shop else COMPANY,
            district_code=street.district_code,
            street_code=street.code,
            street=street.name,
            address=_address(street.roads[(g >> 50) % len(street.roads)], m),
            industry_code=industry.code,
            industry=industry.name,
            size_class="微型" if is_shop else self._sizes[g >> 40 & 1023],
            grade=self._grades[m >> 22 & 1023],
            legal_rep=self._person(m),
            phone=f"{self._phone_heads[(m >> 52) % len(self._phone_heads)]}****{(m >> 5) % 10000:04d}",
            established_on=date(1998 + (g >> 24) % 28, 1 + (m >> 18) % 12, 1 + (m >> 9) % 28),
            status=self._statuses[g >> 12 & 1023],
            origin=Origin.DEMO,
            source_id=SOURCE_ID,
        )

    def _brand(self, g: int) -> Spelled:
        first = self._brand_first[(g & 0xFFFF) % len(self._brand_first)]
        second = self._brand_second[(g >> 16 & 0xFFFF) % len(self._brand_second)]
        head, head_initials = _spelled_once(first + second)
        third, third_initials = self._brand_third[(g >> 32) % len(self._brand_third)]
        return head + third, head_initials + third_initials

    def _shop_name(self, h: int, g: int, street: _Street, industry: _Industry) -> Spelled:
        place, place_initials = street.shop_place
        brand, brand_initials = self._brand(g)
        word, word_initials = industry.shop_word
        ending, ending_initials = self._shop_endings[(h >> 52) % 3] if h >> 50 & 3 == 3 else ("", "")
        return place + brand + word + ending, place_initials + brand_initials + word_initials + ending_initials

    def _company_name(self, h: int, g: int, industry: _Industry) -> Spelled:
        place, place_initials = self._company_places[(h >> 34) % len(self._company_places)]
        brand, brand_initials = self._brand(g)
        word, word_initials = industry.company_word
        form, form_initials = self._company_forms[h >> 40 & 1023]
        return place + brand + word + form, place_initials + brand_initials + word_initials + form_initials

    def _person(self, m: int) -> str:
        given = self._given_names
        second = given[(m >> 48) % len(given)] if m >> 46 & 3 else ""
        return self._surnames[(m >> 32) % len(self._surnames)] + given[(m >> 40) % len(given)] + second


def _address(road: str, m: int) -> str:
    if m & 0x3000:
        room = f"{1 + (m >> 14) % 18}栋{1 + (m >> 20) % 28}{1 + (m >> 26) % 12:02d}"
    else:
        room = f"一楼{1 + (m >> 14) % 60}号门面"
    return f"{road}{1 + m % 899}号{room}"


def generate(number: int, seed: int = DEFAULT_SEED) -> Iterator[Enterprise]:
    """Return the first `number` enterprises of the seed, one at a time."""
    row = EnterpriseMaker(seed).row
    return map(row, range(number))


def write_csv(number: int, path: Path, progress: Progress | None = None, *, seed: int = DEFAULT_SEED) -> None:
    """Write the enterprises as CSV (UTF-8 with BOM, so that spreadsheets open it right) with Chinese headings.

    Raises:
        Trouble: "demo.file_unwritable", params path, why.
    """
    watched = progress or Unwatched()
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([heading for _, heading in CSV_HEADINGS])
            for done, enterprise in enumerate(generate(number, seed), start=1):
                writer.writerow([getattr(enterprise, field) for field, _ in CSV_HEADINGS])
                if done % PROGRESS_EVERY == 0:
                    watched.step(done, number)
    except OSError as error:
        raise Trouble("demo.file_unwritable", path=str(path), why=error.strerror or str(error)) from error
    watched.step(number, number)
