"""`make test` looks at some stages; `make prove` also at the others, which have the same constructs."""

import pytest

_AT_ONCE = "prod"


def of_stage(value: object, name: str) -> object:
    """A parameter of a test: with the marker `prove`, unless the name begins with that of one of those."""
    marks = () if name.lower().startswith(_AT_ONCE) else pytest.mark.prove
    return pytest.param(value, id=name, marks=marks)
