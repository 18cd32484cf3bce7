"""From a configuration to a trained model: algorithms by name, a blend of several, a search for settings."""
