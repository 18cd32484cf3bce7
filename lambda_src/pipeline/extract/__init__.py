"""From a SQL query to a checked CSV object: PostgreSQL's COPY, vectorised checks, multipart upload."""
