"""Codes: text to QR, pixels to texts, and the signed codes on our papers.

The only room that sees qrcode, pyzbar and zxing-cpp; it holds no keys and imports no other room of its storey.
Start with decode.py (a frame), then pictures.py (a file) and signed.py. What a text means is core.domain.codes.
"""
