"""This machine: processes, ports, PostgreSQL, and the folder that says what runs."""
