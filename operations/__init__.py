"""What an operator does by hand to a running stage."""
