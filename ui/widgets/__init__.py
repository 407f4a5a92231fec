"""Widgets that know no subject: buttons, tables, bands, empty states."""
