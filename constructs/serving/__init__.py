"""What answers with recommendations, and what watches it."""
