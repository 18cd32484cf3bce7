"""What is kept in folders of its own: whether it is still what was written, and who reads it."""
