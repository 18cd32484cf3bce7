"""What policies allow: one evaluator of statements, for the local cloud and for reports on templates."""
