"""Names that others know as well: where metrics go, and members in camel case."""

NAMESPACE = "Recommendations"
NO_SERVICE = ""
"""Among the dimensions of metrics: alarms look them up by stage and what else tells them apart."""


def camel_case(name: str) -> str:
    """use_case: useCase."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
