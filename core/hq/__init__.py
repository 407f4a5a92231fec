"""The headquarters service: its store on SQLite or PostgreSQL, the desk that answers devices, the routes over it.

One of the two rooms that see SQLAlchemy; only the command line opens it. Start with desk.py, then store.py and work.py.
schedule.py is what it does by itself, duties.py how each duty is done once; opening.py waits for a database.
"""
