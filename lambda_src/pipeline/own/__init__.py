"""The variant `own`: trains with the engine, keeps the model in S3, and recommends from it in batches."""
