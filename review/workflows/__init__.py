"""State machines before and after: states, transitions, SQL, deadlines, and a graph of what changes."""
