"""Does some test notice when the code is changed a little? `python -m tests.prove.mutants --help`."""
