"""Stacks put constructs together; nothing is configured here but by the configuration."""
