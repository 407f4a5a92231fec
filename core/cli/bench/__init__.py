"""The published benchmarks (design.md section 10): each measures its figure and its baseline in the same run.

May import everything below the command line. Begin with figures.py (what a bench answers), then store.py (the
full-size store), then the bench you came for: one module each. Window benches run scripts of packaging/bench.
"""

from core.cli.bench.command import add

__all__ = ["add"]
