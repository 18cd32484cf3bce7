"""The retraining of a use case: its workflow, functions, rights, alarms and dashboard."""
