"""The variant `own` as its functions run it, over files in S3's place."""
