"""Papers that were drawn, and checking a paper."""
