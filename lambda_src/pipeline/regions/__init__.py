"""Which region of a stage is active: epochs, how one begins, and what nobody else may do meanwhile."""
