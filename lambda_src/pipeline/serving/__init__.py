"""Recommendations as the API answers them."""
