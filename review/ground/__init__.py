"""What all rules build on: findings, the table of rules, and differences in words."""
