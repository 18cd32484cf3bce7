"""What a team edits: the stages and the use cases, and the rules both must obey."""
