"""What each operation does, over the facts of resources.py."""
