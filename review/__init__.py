"""Synthesised templates as people read them: what is in them, and files that show a change of it."""
