"""What the product believes of AWS and nobody has proved, each with a check that a run makes."""
