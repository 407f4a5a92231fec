"""Deadlines with days left."""
