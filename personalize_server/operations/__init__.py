"""What each operation does, over the facts of facts/resources.py."""
