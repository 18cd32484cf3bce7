"""What the workflow's functions do; knows neither Lambda nor CDK."""
