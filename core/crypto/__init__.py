"""Keys, passwords, sealing and signing; the only room that sees `cryptography`.

Start with slots.py (passwords to the data key) and signing.py.
"""
