"""Random draws; empty until their issue."""
