"""What becomes of posted events: API, queue, consumer, alarms and conversion."""
