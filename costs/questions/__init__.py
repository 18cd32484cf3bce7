"""What people ask of costs, with the point where the answer turns; and what was published of them."""
