"""Resource types that say who may do what, or keep secrets: IAM, KMS, Secrets Manager, SSM."""
