"""Weekly notifications: planned once per run, sent once per user and week, reported at the end."""
