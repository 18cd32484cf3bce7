"""How much of what is paid for a month takes: from the configuration, and from volumes that are stated."""
