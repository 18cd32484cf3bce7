"""What the workflows have in common: their language, beginning, failures, machine and steps."""
