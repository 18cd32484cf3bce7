"""Recommendations of actions: a model of aws-next-best-action at work."""
