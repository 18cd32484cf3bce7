"""Recommendation models of our own: data in, ranked items out. Knows no cloud and no server."""
