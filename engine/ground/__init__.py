"""What all else stands on: histories as flat arrays, ranking, threads, and what can go wrong, by name."""
