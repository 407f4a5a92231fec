"""Settings of this station and of the person."""
