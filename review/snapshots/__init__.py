"""Snapshots: templates as files that show a change of them."""
