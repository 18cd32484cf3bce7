"""From lines to sums: estimates of stages, as they are and as they would be otherwise."""
