"""Whether policies allow more than they did: a subset test, and calls that prove the difference."""
