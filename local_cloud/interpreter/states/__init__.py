"""What states compute and when they go on: JSONata, choices, waits, failures as they are raised."""
