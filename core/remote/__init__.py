"""The station's HTTP client; empty until headquarters exists, so that the contracts hold."""
