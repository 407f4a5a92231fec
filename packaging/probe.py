"""Import what needs system libraries and start Qt once; setup.sh runs this after an installation."""

import importlib
import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

for _name in ("PySide6.QtMultimedia", "PySide6.QtPdfWidgets", "PySide6.QtPrintSupport", "pyzbar.pyzbar", "sqlcipher3"):
    importlib.import_module(_name)

importlib.import_module("PySide6.QtWidgets").QApplication([])
