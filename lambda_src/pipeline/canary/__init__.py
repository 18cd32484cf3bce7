"""Asks every region of a stage as readers do, from the region that this runs in."""
