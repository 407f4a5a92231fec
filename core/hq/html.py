"""HTML by hand: every text is escaped where it is put in, so that no name or reason ever becomes markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

STYLE = """
:root { color-scheme: light dark; --line: #d8dde3; --soft: #5b6673; --bad: #b3261e; --accent: #1f5fa8;
  --ground: #f5f7f9; --paper: #ffffff; --ink: #1b2127; }
@media (prefers-color-scheme: dark) { :root { --line: #39424c; --soft: #9aa6b2; --bad: #ff8a80; --accent: #7db4f0;
  --ground: #14181c; --paper: #1c2228; --ink: #e6eaee; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.6 "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif; }
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem; }
header { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; flex-wrap: wrap; }
h1 { font-size: 1.5rem; margin: 0 0 1rem; } h2 { font-size: 1.1rem; margin: 0 0 .6rem; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.2rem;
  margin-bottom: 1rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 500; white-space: nowrap; }
tr:last-child td { border-bottom: 0; }
td { font-variant-numeric: tabular-nums; } .number { text-align: right; padding-right: 1.6rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.soft { color: var(--soft); } .bad { color: var(--bad); font-weight: 600; }
.key { font-family: ui-monospace, monospace; font-size: .85em; }
form.login { max-width: 22rem; margin: 12vh auto 0; }
label { display: block; margin: .8rem 0 .2rem; }
input { width: 100%; padding: .5rem .6rem; font: inherit; color: inherit; background: var(--ground);
  border: 1px solid var(--line); border-radius: .4rem; }
button { font: inherit; padding: .45rem 1.1rem; margin-top: 1rem; border: 0; border-radius: .4rem;
  background: var(--accent); color: var(--paper); cursor: pointer; }
button.plain { background: none; color: var(--accent); margin: 0; padding: 0; }
"""
"""The only style; the policy of the page allows no other and no script at all."""


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def text(value: object) -> Markup:
    """Return any value as HTML."""
    return value if isinstance(value, Markup) else Markup(escape(str(value), quote=True))


def element(name: str, *inner: object, kind: str = "", **attributes: str) -> Markup:
    """Return an element around escaped inner text or markup; `kind` is its class."""
    named = ({"class": kind} if kind else {}) | attributes
    said = "".join(f' {key.strip("_").replace("_", "-")}="{escape(value, quote=True)}"' for key, value in named.items())
    return Markup(f"<{name}{said}>{''.join(map(text, inner))}</{name}>")


def field(name: str, kind: str, **attributes: str) -> Markup:
    """Return an input."""
    named = {"id": name, "name": name, "type": kind} | attributes
    said = "".join(f' {key}="{escape(value, quote=True)}"' for key, value in named.items())
    return Markup(f"<input{said} required>")


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Markup:
    """Return a table; columns of numbers stand to the right."""
    cells = [tuple(row) for row in rows]
    numbers = {at for row in cells for at, cell in enumerate(row) if isinstance(cell, int)}
    kinds = ["number" if at in numbers else "" for at in range(len(headings))]
    named = zip(headings, kinds, strict=True)
    head = element("tr", *(element("th", heading, kind=kind, scope="col") for heading, kind in named))
    body = [element("tr", *(element("td", cell, kind=kinds[at]) for at, cell in enumerate(row))) for row in cells]
    return element("table", element("thead", head), element("tbody", *body))


def page(title: str, *inner: object) -> str:
    """Return a whole page in Chinese."""
    head = element(
        "head",
        Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("title", title),
        Markup(f"<style>{STYLE}</style>"),
    )
    return f'<!doctype html>\n<html lang="zh-CN">{head}{element("body", element("main", *inner))}</html>\n'
