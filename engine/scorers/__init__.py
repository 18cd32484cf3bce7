"""Trained algorithms as values: how each scores. Numpy is enough to use them."""
