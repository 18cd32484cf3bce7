"""What differs between two assemblies: resources, properties, and what CloudFormation does about each."""
