"""One thin handler per custom resource."""
