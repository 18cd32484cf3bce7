"""From configuration to the props of constructs."""
