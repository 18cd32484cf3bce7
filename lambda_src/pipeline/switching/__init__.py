"""How one region of a stage takes over from another, step by step; each can be done again."""
