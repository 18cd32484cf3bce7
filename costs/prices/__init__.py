"""Prices by region: dated files with sources and tiers, how sure each is, and how they are renewed."""
