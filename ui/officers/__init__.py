"""Officers and their certificates."""
