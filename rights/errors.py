"""What an evaluation cannot decide; nothing is guessed."""


class Undecidable(ValueError):
    """A policy says something that this evaluator does not know and that the decision depends on."""


class UnknownCondition(Undecidable):
    """A condition's key or operator; the message names it."""


class BadPolicy(ValueError):
    """A document that is no policy; the message says where and what."""
