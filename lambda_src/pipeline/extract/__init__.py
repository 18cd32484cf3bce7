"""From a SQL query or an uploaded file to a checked CSV object: COPY, vectorised checks, multipart upload."""
