"""What keeps data: bucket, key, tables, and what watches and empties them."""
