"""Colours, sizes and fonts of the window: the only file that knows any.

Source: the tokens of the visual direction, with their contrasts on the surface.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from string import Template

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from core.kernel.resources import resources_dir

FONT_FAMILY = "Noto Sans SC"
ZOOMS_PERCENT = (100, 125, 150, 175, 200)

RAIL_WIDTH = 176
RAIL_WIDTH_FOLDED = 56
FOLD_UNDER_WIDTH = 1100
CONTENT_WIDTH_MAX = 1200
ROW_HEIGHT = 40
CONTROL_HEIGHT = 36


class Tone(StrEnum):
    """What a coloured word means; a sign always stands beside it."""

    PASS = "pass"
    WARN = "warn"
    BLOCK = "block"
    UNKNOWN = "unknown"
    ACCENT = "accent"
    MUTED = "muted"
    INK = "ink"


@dataclass(frozen=True)
class Palette:
    """The colours of one look, as #RRGGBB."""

    background: str
    surface: str
    line: str
    ink: str
    muted: str
    accent: str
    on_accent: str
    accent_soft: str
    ok: str
    warn: str
    block: str
    warn_soft: str
    block_soft: str
    ok_soft: str

    def of(self, tone: Tone) -> str:
        """Return the colour of a tone. Unknown is muted ink: it must never look like a pass."""
        colours = {
            Tone.PASS: self.ok,
            Tone.WARN: self.warn,
            Tone.BLOCK: self.block,
            Tone.UNKNOWN: self.muted,
            Tone.ACCENT: self.accent,
            Tone.MUTED: self.muted,
            Tone.INK: self.ink,
        }
        return colours[tone]


LIGHT = Palette(
    background="#F5F6F8",
    surface="#FFFFFF",
    line="#D9DFE6",
    ink="#1C2733",
    muted="#556372",
    accent="#1A5FA6",
    on_accent="#FFFFFF",
    accent_soft="#E6EFF8",
    ok="#1E7A46",
    warn="#8A5A00",
    block="#B3261E",
    warn_soft="#FBF3E0",
    block_soft="#FBEAE9",
    ok_soft="#E8F4ED",
)
DARK = Palette(
    background="#12171D",
    surface="#1A2129",
    line="#2D3742",
    ink="#E6EBF0",
    muted="#9FADBB",
    accent="#7FB4EA",
    on_accent="#12171D",
    accent_soft="#22344A",
    ok="#6FCF97",
    warn="#E5B454",
    block="#F2938C",
    warn_soft="#33290F",
    block_soft="#3A1F1D",
    ok_soft="#17301F",
)


@dataclass(frozen=True)
class Theme:
    """One look at one size."""

    is_dark: bool = False
    zoom_percent: int = 100

    @property
    def palette(self) -> Palette:
        return DARK if self.is_dark else LIGHT

    def px(self, size: float) -> int:
        """Return a length of the tokens, in device independent pixels, at this zoom."""
        return max(1, round(size * self.zoom_percent / 100))

    def colour(self, tone: Tone) -> QColor:
        return QColor(self.palette.of(tone))


_current = Theme()


def current() -> Theme:
    """Return the theme that the window wears."""
    return _current


def px(size: float) -> int:
    """Return a length of the tokens at the zoom of the window."""
    return _current.px(size)


STYLE = ("-style", "fusion")
"""Arguments of QApplication. Set later, the style comes back as an object, whose class takes 25 ms to make."""


@cache
def load_fonts() -> None:
    """Bring in the shipped fonts, once; the system's own choice would differ from machine to machine."""
    for name in ("NotoSansSC_400Regular.ttf", "NotoSansSC_700Bold.ttf"):
        QFontDatabase.addApplicationFont(str(resources_dir() / "fonts" / name))


def apply(app: QApplication, theme: Theme) -> None:
    """Dress the application in palette, font and the short style sheet, over the style that it began with (STYLE)."""
    global _current
    _current = theme
    load_fonts()
    app.setPalette(_qt_palette(theme.palette))
    font = QFont(FONT_FAMILY)
    font.setPixelSize(theme.px(15))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    app.setFont(font)
    app.setStyleSheet(style_sheet(theme))


def _qt_palette(colours: Palette) -> QPalette:
    roles = {
        QPalette.ColorRole.Window: colours.background,
        QPalette.ColorRole.WindowText: colours.ink,
        QPalette.ColorRole.Base: colours.surface,
        QPalette.ColorRole.AlternateBase: colours.background,
        QPalette.ColorRole.Text: colours.ink,
        QPalette.ColorRole.Button: colours.surface,
        QPalette.ColorRole.ButtonText: colours.ink,
        QPalette.ColorRole.BrightText: colours.block,
        QPalette.ColorRole.Highlight: colours.accent,
        QPalette.ColorRole.HighlightedText: colours.on_accent,
        QPalette.ColorRole.Link: colours.accent,
        QPalette.ColorRole.LinkVisited: colours.accent,
        QPalette.ColorRole.ToolTipBase: colours.surface,
        QPalette.ColorRole.ToolTipText: colours.ink,
        QPalette.ColorRole.PlaceholderText: colours.muted,
        QPalette.ColorRole.Mid: colours.line,
        QPalette.ColorRole.Midlight: colours.line,
        QPalette.ColorRole.Accent: colours.accent,
    }
    palette = QPalette()
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours.muted))
    return palette


_SHEET = Template("""
QToolTip { background: $surface; color: $ink; border: 1px solid $line; padding: ${s4}px; }
QLabel[role="title"] { font-size: ${f24}px; font-weight: 700; }
QLabel[role="section"] { font-size: ${f18}px; font-weight: 700; }
QLabel[role="strong"] { font-weight: 700; }
QLabel[role="muted"] { color: $muted; font-size: ${f13}px; }
QLabel[role="hint"] { color: $muted; }
QLabel[tone="pass"] { color: $ok; } QLabel[tone="warn"] { color: $warn; }
QLabel[tone="block"] { color: $block; } QLabel[tone="unknown"] { color: $muted; }
QLabel[tone="accent"] { color: $accent; }
QFrame[role="card"] { background: $surface; border: 1px solid $line; border-radius: ${r}px; }
QFrame[role="card"][tone="block"] { border-left: ${s4}px solid $block; }
QFrame[role="card"][tone="warn"] { border-left: ${s4}px solid $warn; }
QFrame[role="card"][tone="accent"] { border-left: ${s4}px solid $accent; }
QFrame[role="card"][tone="pass"] { border-left: ${s4}px solid $ok; }
QFrame[role="card"][chosen="true"] { border: ${s2}px solid $accent; }
QFrame[role="rail"] { background: $surface; border: none; border-right: 1px solid $line; }
QFrame[role="bar"] { background: $surface; border: none; border-bottom: 1px solid $line; }
QFrame[role="band"] { background: $surface; border: none; border-bottom: 1px solid $line; }
QFrame[role="foot"] { background: $surface; border: none; border-top: 1px solid $line; }
QFrame[role="line"] { background: $line; max-height: 1px; min-height: 1px; border: none; }
QFrame[role="toast"] { background: $surface; border: 1px solid $accent; border-radius: ${r}px; }
QFrame[role="fault"] { background: $block_soft; border: 1px solid $block; border-radius: ${r}px; }
QFrame[role="refusal"] { background: $warn_soft; border: 1px solid $warn; border-radius: ${r}px; }
QFrame[role="demo"] { background: $warn_soft; border: none; border-bottom: 1px solid $line; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget[role="scrolled"] { background: transparent; }
QPushButton { background: $surface; border: 1px solid $line; border-radius: ${r}px; padding: 0 ${s12}px;
  min-height: ${control}px; min-width: ${s32}px; }
QPushButton:hover { border-color: $accent; }
QPushButton:focus { border: ${s2}px solid $accent; padding: 0 ${s11}px; min-height: ${control_in}px; }
QPushButton:disabled { color: $muted; background: $background; }
QPushButton[role="main"] { background: $accent; color: $on_accent; border-color: $accent; font-weight: 700; }
QPushButton[role="main"]:focus { border: ${s2}px solid $ink; }
QPushButton[role="main"]:disabled { background: $background; color: $muted; border-color: $line; }
QPushButton[role="danger"] { color: $block; border-color: $block; }
QPushButton[role="link"] { background: transparent; border: 1px solid transparent; color: $accent;
  text-align: left; padding: 0 ${s4}px; min-height: ${s32}px; }
QPushButton[role="link"][tone="warn"] { color: $warn; font-weight: 700; }
QPushButton[role="link"]:hover { text-decoration: underline; }
QPushButton[role="link"]:focus { border: ${s2}px solid $accent; }
QPushButton[role="link"]:disabled { color: $muted; }
QPushButton[role="rail"] { background: transparent; border: none; border-radius: ${r}px; text-align: left;
  padding: 0 ${s12}px; min-height: ${row}px; }
QPushButton[role="rail"]:hover { background: $background; }
QPushButton[role="rail"]:checked { background: $accent_soft; color: $accent; font-weight: 700; }
QPushButton[role="rail"]:focus { border: ${s2}px solid $accent; padding: 0 ${s10}px; min-height: ${row_in}px; }
QPushButton[role="answer"] { padding: 0 ${s8}px; }
QPushButton[role="answer"]:checked { background: $accent_soft; border-color: $accent; color: $accent;
  font-weight: 700; }
QPushButton[role="answer"][tone="pass"]:checked { background: $ok_soft; border-color: $ok; color: $ok; }
QPushButton[role="answer"][tone="block"]:checked { background: $block_soft; border-color: $block; color: $block; }
QPushButton[role="tab"] { background: transparent; border: none; border-bottom: ${s2}px solid transparent;
  border-radius: 0; padding: 0 ${s12}px; }
QPushButton[role="tab"]:checked { border-bottom: ${s2}px solid $accent; color: $accent; }
QPushButton[role="tab"]:focus { background: $accent_soft; }
QLineEdit, QComboBox, QDateEdit, QDateTimeEdit, QSpinBox { background: $surface; border: 1px solid $line;
  border-radius: ${r}px; padding: 0 ${s8}px; min-height: ${control}px; selection-background-color: $accent; }
QTextEdit, QPlainTextEdit { background: $surface; border: 1px solid $line; border-radius: ${r}px; padding: ${s4}px; }
QLineEdit:focus, QComboBox:focus, QDateEdit:focus, QDateTimeEdit:focus, QSpinBox:focus {
  border: ${s2}px solid $accent; padding: 0 ${s7}px; min-height: ${control_in}px; }
QTextEdit:focus, QPlainTextEdit:focus { border: ${s2}px solid $accent; padding: ${s3}px; }
QLineEdit:read-only { background: $background; color: $muted; }
QComboBox::drop-down, QDateEdit::drop-down, QDateTimeEdit::drop-down { border: none; width: ${s32}px; }
QComboBox::down-arrow, QDateEdit::down-arrow, QDateTimeEdit::down-arrow { image: url($arrow);
  width: ${s16}px; height: ${s16}px; }
QComboBox QAbstractItemView { background: $surface; border: 1px solid $line; outline: none; }
QCheckBox, QRadioButton { min-height: ${s32}px; spacing: ${s8}px; }
QCheckBox::indicator, QListView::indicator { width: ${s16}px; height: ${s16}px; border: 1px solid $muted;
  border-radius: ${s3}px; background: $surface; }
QCheckBox::indicator:checked, QListView::indicator:checked { background: $accent; border-color: $accent;
  image: url($tick); }
QCheckBox:focus, QRadioButton:focus { color: $accent; }
QTableView, QTreeView, QListView { background: $surface; border: 1px solid $line; border-radius: ${r}px;
  gridline-color: $line; selection-background-color: $accent_soft; selection-color: $ink; outline: none; }
QTableView:focus, QTreeView:focus, QListView:focus { border: ${s2}px solid $accent; }
QTableView::item { padding: 0 ${s8}px; border: none; border-bottom: 1px solid $line; }
QTableView::item:selected, QListView::item:selected { background: $accent_soft; color: $ink; }
QListView::item { padding: ${s8}px; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QHeaderView { background: $surface; border: none; }
QHeaderView::section { background: $surface; color: $muted; border: none; border-bottom: 1px solid $line;
  padding: 0 ${s10}px; min-height: ${s32}px; font-size: ${f13}px; text-align: left; }
QTableCornerButton::section { background: $surface; border: none; }
QProgressBar { background: $background; border: 1px solid $line; border-radius: ${r}px; min-height: ${s12}px;
  max-height: ${s12}px; text-align: center; }
QProgressBar::chunk { background: $accent; border-radius: ${r}px; }
QScrollBar:vertical { background: transparent; width: ${s12}px; }
QScrollBar:horizontal { background: transparent; height: ${s12}px; }
QScrollBar::handle { background: $line; border-radius: ${s4}px; min-height: ${s32}px;
  min-width: ${s32}px; margin: ${s2}px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: $line; }
QMenu { background: $surface; border: 1px solid $line; padding: ${s4}px; }
QMenu::item { padding: ${s8}px ${s16}px; } QMenu::item:selected { background: $accent_soft; color: $ink; }
QDialog[role="palette"] { background: $surface; border: 1px solid $accent; }
""")


def style_sheet(theme: Theme) -> str:
    """Return the style sheet of a theme."""
    sizes = {f"s{size}": theme.px(size) for size in (2, 3, 4, 7, 8, 10, 11, 12, 16, 24, 32)}
    fonts = {f"f{size}": theme.px(size) for size in (13, 15, 18, 24)}
    more = {
        "r": theme.px(6),
        "tick": (resources_dir() / "icons" / f"tick-{'dark' if theme.is_dark else 'light'}.svg").as_posix(),
        "arrow": (resources_dir() / "icons" / f"arrow-{'dark' if theme.is_dark else 'light'}.svg").as_posix(),
        "row": theme.px(ROW_HEIGHT),
        "row_in": theme.px(ROW_HEIGHT) - 4,
        "control": theme.px(CONTROL_HEIGHT) - 2,
        "control_in": theme.px(CONTROL_HEIGHT) - 4,
    }
    return _SHEET.substitute({**vars(theme.palette), **sizes, **fonts, **more})
