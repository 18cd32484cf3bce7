"""Somebody's own files as they are: what they hold, what is recommended from them, and how good that is."""
