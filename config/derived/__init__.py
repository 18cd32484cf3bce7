"""What follows from a configuration: names, Avro schemas, and the recipes' parameters."""
