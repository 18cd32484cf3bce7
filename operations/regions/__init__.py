"""Regions of a stage: which one is active, what a switch would do, the switch, and the way back."""
