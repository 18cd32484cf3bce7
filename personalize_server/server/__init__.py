"""The server's processes: HTTP, signatures, limits and metrics; it starts, answers and stops."""
