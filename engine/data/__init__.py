"""What a model learns from: events, metadata and circumstances, read from files or generated."""
