"""Templates: read, checked, and what their functions and parameters come to."""
