"""Does a difference between two groups of people mean anything? Pure functions of sums."""
