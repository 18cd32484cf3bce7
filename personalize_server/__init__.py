"""The Amazon Personalize API over our own engine. Knows no moto and no CDK."""
