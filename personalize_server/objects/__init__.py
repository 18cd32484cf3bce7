"""Objects of jobs: in Amazon S3, in a server that speaks its API, or in files."""
