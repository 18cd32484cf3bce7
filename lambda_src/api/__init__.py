"""One thin handler per group of the API's routes."""
