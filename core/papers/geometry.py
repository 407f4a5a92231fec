"""Measures of a page in points. Source: GB/T 9704-2012 sections 5 and 6 (domain.md 2.1)."""

from __future__ import annotations

MM = 72 / 25.4

PAGE_WIDTH = 210 * MM
PAGE_HEIGHT = 297 * MM
LEFT = 28 * MM
TYPE_WIDTH = 156 * MM
TYPE_HEIGHT = 225 * MM
TOP = PAGE_HEIGHT - 37 * MM
"""Upper edge of the type area, from the bottom of the page."""
BOTTOM = TOP - TYPE_HEIGHT
RIGHT = LEFT + TYPE_WIDTH

LINES_A_PAGE = 22
CHARS_A_LINE = 28
LINE_PITCH = TYPE_HEIGHT / LINES_A_PAGE
CHAR_PITCH = TYPE_WIDTH / CHARS_A_LINE
# 三号 is 16 pt, and 28 of them are 2 mm wider than the type area: the grid takes 0.2 pt from each.
LETTER_SIZE = 16.0
LETTER_SPACING = CHAR_PITCH - LETTER_SIZE
TITLE_SIZE = 22.0
# Forms are customarily set in 小四 (12 pt); inferred, domain.md 2.1.
FORM_SIZE = 12.0
FORM_PITCH = 18.0
PAGE_NUMBER_SIZE = 14.0
CAPTION_SIZE = 10.5
CAPTION_PITCH = 15.0
PHOTO_HEIGHT = 72 * MM
"""Frame of a picture; two with their captions and signature lines of a record stand on a page."""
PHOTO_PIXELS = 1400
"""Longer side of a picture as it is put into the paper: 230 dots an inch at the width of the type area."""
SMALL_SIZE = 9.0
TINY_SIZE = 6.5

CODE_SIDE = 30 * MM
"""Printed side of the code with its quiet zone; smaller would be hard for a webcam (platform.md section 7)."""
