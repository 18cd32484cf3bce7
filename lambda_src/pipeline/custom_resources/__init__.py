"""What custom resources do that CloudFormation does not."""
