"""The algorithms, one module each: a frozen config, a pure fit, a small scorer. Their blend is in fitting."""
