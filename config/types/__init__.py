"""The types of a configuration, how its folders are read, and what may be wrong with it."""
