"""Data to try things with, of no business: MovieLens 100K, and simulated people whose tastes are known."""
