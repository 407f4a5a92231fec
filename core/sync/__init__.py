"""The protocol between a station and headquarters: both halves of each step side by side; no HTTP, no SQL.

`entries` is the envelope and its chain, `session` one sync of a station with every step in order, `ports` what the two
ends and the line have to bring, `bundle`, `bundle_out` and `bundle_in` the same by file. Read `ports` first.
"""
