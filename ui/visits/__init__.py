"""The visit workspace with its rail of steps."""
