"""Experiments: who gets which variant's lists, changed by whom, when and why."""
