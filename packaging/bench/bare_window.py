"""A window with nothing in it but a line that takes keys, in the program's fonts: what `bench start` compares with."""

import sys
from pathlib import Path

from PySide6.QtGui import QFontDatabase
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

FONTS = Path(__file__).resolve().parents[2] / "resources" / "fonts"

app = QApplication(sys.argv[:1])
family = sys.argv[1]
for font in sorted(FONTS.glob(sys.argv[2])):
    QFontDatabase.addApplicationFont(str(font))
chosen = app.font()
chosen.setFamily(family)
app.setFont(chosen)
window = QWidget()
line = QLineEdit()
QVBoxLayout(window).addWidget(line)
window.resize(1280, 800)
window.show()
window.grab()
app.processEvents()
QTest.keyClicks(line, "x")
assert line.text() == "x", "the bare window takes keys"
sys.stdout.write("keys\n")
sys.stdout.flush()
