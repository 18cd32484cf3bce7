"""Metric attributions: what events are worth, by whose recommendation or what other source led to them."""
