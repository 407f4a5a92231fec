"""The station's HTTP client: the line to headquarters (core.sync.ports.Line) over httpx.

May import core.sync and what stands below it; keys come in as functions, because this room knows no cryptography of
its own. `door` is what both ends of the line agree on (headquarters reads it too), `line` the calls, `transport` one
request and what its failures mean, `tokens` who is asking, `peer` the cable to another laptop. Read `door` first.
"""
