"""Showing and printing PDF bytes; Qt never writes them."""
