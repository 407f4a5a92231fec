"""Sync as a person sees it: what waits, what happened, whether both ends are equal, and what only a person can decide.

`page.py` is the page of the rail, one card a file; `rounds.py` syncs by itself in the background. `enrol.py`,
`stick.py`, `peer.py` and `relay.py` are assistants over any page. Read `reading.py` first: it gathers what is shown.
"""
