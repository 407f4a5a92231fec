"""One file a step, named h<revision>_<what>.py."""
