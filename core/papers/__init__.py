"""Papers: DocumentFacts to PDF bytes with reportlab; the same facts give the same bytes.

The only room that sees reportlab. Start with render.py.
"""
