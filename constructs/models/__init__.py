"""What Amazon Personalize holds for a use case, and the roles it takes on."""
