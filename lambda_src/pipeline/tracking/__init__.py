"""Impressions and actions: from whoever posts them to counters, S3 and Amazon Personalize, each once."""
