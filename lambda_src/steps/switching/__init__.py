"""The functions of a switch: one leads it, and one in each region acts there."""
