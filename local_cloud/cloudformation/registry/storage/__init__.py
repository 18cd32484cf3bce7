"""Resource types that keep data: tables, buckets, images."""
