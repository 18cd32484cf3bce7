"""A database's data held against the configuration, without AWS: every query, as a run would take it."""
