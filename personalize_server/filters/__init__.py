"""Filter expressions: parsed, checked against a dataset group's schemas, applied to scores."""
