"""Stacks as they are, where they are kept, and the names that their templates may use."""
