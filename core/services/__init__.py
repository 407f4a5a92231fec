"""What a person can do: one class a subject, one method a use case, one transaction a method.

Imports domain and kernel; everything else comes in through ports.py. Start with ports.py, then visits.py.
"""
