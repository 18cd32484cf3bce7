"""Estimates for people and programs: a table, JSON, a page with plots."""
