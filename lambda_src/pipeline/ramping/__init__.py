"""Ramps: an experiment goes on by itself, step by step, and comes back by itself when something is wrong."""
