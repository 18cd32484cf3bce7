"""Real time of the variant `own`: the stored model, asked with the user's newest events."""
