"""Composition root of a station: opens a home and hands out services. Window and command line both start here."""
