"""What the parts of a delivery have in common: names, roles, places, errors."""
