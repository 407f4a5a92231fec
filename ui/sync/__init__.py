"""What exists only here; the sync page comes with the sync issue."""
