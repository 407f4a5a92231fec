"""Words of the window in the chosen language, and how dates, times, money and sizes are written."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from core.kernel.clock import local
from core.kernel.words import Lang, catalogue, text

_lang: Lang = "zh"
_qt_words: QTranslator | None = None
_DAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


def lang() -> Lang:
    """Return the language of the window."""
    return _lang


def set_lang(chosen: Lang) -> None:
    """Choose the language; also of Qt's own buttons and dialogs."""
    global _lang, _qt_words
    _lang = chosen
    app = QCoreApplication.instance()
    if app is None:
        return
    if _qt_words is not None:
        app.removeTranslator(_qt_words)
        _qt_words = None
    QLocale.setDefault(QLocale(QLocale.Language.Chinese if chosen == "zh" else QLocale.Language.English))
    if chosen == "zh":
        translator = QTranslator(app)
        if translator.load("qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
            app.installTranslator(translator)
            _qt_words = translator


def t(key: str, /, **params: object) -> str:
    """Return the words of a key in the language of the window."""
    return text(key, _lang, **params)


def term(family: str, value: object) -> str:
    """Return the name of an enumeration's value, for example term("visit_state", "draft").

    A value without words is shown as it is: lists of other offices bring values of their own.
    """
    for key in (f"ui.term.{family}.{value}", f"determination.{family}.{value}", f"document.{family}.{value}"):
        if key in catalogue():
            return t(key)
    return str(value)


def words_or_code(family: str, code: str) -> str:
    """Return the words of `family.code` in the message catalogue, or the code where nobody gave it words."""
    key = f"{family}.{code}"
    return t(key) if key in catalogue() else code


def day(value: date) -> str:
    """Return a date as 2026年3月17日(周二), or 17 Mar 2026 (Tue)."""
    weekday = _DAYS[_lang][value.weekday()]
    if _lang == "zh":
        return f"{value.year}年{value.month}月{value.day}日(周{weekday})"
    month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[value.month - 1]
    return f"{value.day} {month} {value.year} ({weekday})"


def clock_time(instant: datetime) -> str:
    """Return the Beijing time of an instant as 09:31."""
    return f"{local(instant):%H:%M}"


def moment(instant: datetime) -> str:
    """Return date and time of an instant in Beijing, without the weekday: 2026-03-17 09:31."""
    return f"{local(instant):%Y-%m-%d %H:%M}"


def duration(span: timedelta) -> str:
    """Return a span as 00:14:22."""
    seconds = max(0, int(span.total_seconds()))
    return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}:{seconds % 60:02}"


def money(cents: int) -> str:
    """Return an amount of fen as 1,200.00 元 or CNY 1,200.00."""
    amount = f"{cents / 100:,.2f}"
    return f"{amount} 元" if _lang == "zh" else f"CNY {amount}"


def size(count_bytes: int) -> str:
    """Return a number of bytes in the unit that reads best."""
    value, units = float(count_bytes), ["B", "KB", "MB", "GB", "TB"]
    while value >= 1024 and len(units) > 1:
        value, units = value / 1024, units[1:]
    return f"{value:.0f} {units[0]}" if units[0] == "B" else f"{value:.1f} {units[0]}"
