"""One thin handler per workflow step."""
