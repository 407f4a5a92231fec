"""The headquarters service; empty until the sync issue builds it, so that the contracts hold."""
