"""Recipes as configurations of the engine: which model, on which data, and how good it is."""
