"""Definitions as Step Functions validates them: all that is wrong at once, each problem with its place."""
