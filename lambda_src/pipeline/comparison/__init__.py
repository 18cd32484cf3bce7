"""Two variants' lists held against each other: alike, whole, varied, right, and what they cost."""
