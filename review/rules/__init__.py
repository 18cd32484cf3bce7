"""What a review says of changes: a table of rules, and who finds what they are about."""
