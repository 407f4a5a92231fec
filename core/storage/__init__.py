"""The encrypted store: SQLAlchemy Core over SQLCipher, sealed journal, projections, reference files, blobs, migrations.

One of the two rooms that see SQLAlchemy. Start with home.py, then work.py.
"""
