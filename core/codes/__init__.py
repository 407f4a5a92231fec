"""Codes: text to QR, pixels to texts, and the signed codes on our papers.

The only room that sees qrcode, pyzbar and zxing-cpp. Start with decode.py.
"""
