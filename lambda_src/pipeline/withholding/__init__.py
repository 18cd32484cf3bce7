"""What people are not to see: items that were denied by hand, by use case, at once and in every region."""
