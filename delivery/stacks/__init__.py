"""The stacks of a stage in their turns: what is deployed, in which order, what changes, what watches."""
