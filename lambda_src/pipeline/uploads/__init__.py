"""Datasets that somebody has put into the data bucket as files."""
