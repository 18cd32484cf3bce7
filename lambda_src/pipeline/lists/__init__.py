"""Lists on their way: who gets one, what caps and tires, how a shard is loaded, when all are published."""
