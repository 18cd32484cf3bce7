"""What is wrong with an expression or a rule."""


class BadExpression(ValueError):
    """It is none of metric math, or not of these metrics; the message says where."""


class UnknownFunction(NotImplementedError):
    """A function that the local cloud does not compute; the message names it."""


class BadRule(ValueError):
    """It is no rule of a composite alarm; the message says where."""
