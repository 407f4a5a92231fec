"""How long the window may be left alone before it locks itself."""

IDLE_LOCK_MINUTES = 10
IDLE_CHOICES_MINUTES = (5, 10, 15, 30)
