"""The demo of the local cloud: real runs on sample data, and a report of what came out."""
