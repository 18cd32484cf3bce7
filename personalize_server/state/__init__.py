"""What the server remembers, in SQLite: records, their life cycles, who asks for what."""
