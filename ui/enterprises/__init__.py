"""Search and look up enterprises."""
