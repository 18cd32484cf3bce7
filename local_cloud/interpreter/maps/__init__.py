"""Distributed Map: its fields, the items it reads, its child executions and what they wrote."""
