"""The first page: what is due, what is planned, what exists only here."""
