"""Executions: their life, the answers about them, and going on where one ended."""
