"""What a resource type is to the engine, and how its properties and answers travel."""
