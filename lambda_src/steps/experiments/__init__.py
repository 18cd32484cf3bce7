"""Handlers of experiments: the ramp, its watch, and what is to be measured."""
