"""What an operator is told instead of a traceback."""


class NotDelivered(Exception):
    """It cannot go on; the message says why, and what to do."""
