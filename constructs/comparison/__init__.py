"""Two variants' lists held against each other at the end of a run: step, function, what is drawn of it."""
