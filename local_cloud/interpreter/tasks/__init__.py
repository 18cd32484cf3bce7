"""Task states: functions, and the aws-sdk integrations with their names and shapes."""
