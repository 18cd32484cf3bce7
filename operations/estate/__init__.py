"""Amazon Personalize in an account: its kinds in the order in which they go, listing them, and their end."""
