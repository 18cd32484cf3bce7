"""JSONata of state machines, evaluated as Step Functions does."""

import json
from collections.abc import Iterator
from typing import Any

from jsonata import Jsonata


def expressions(value: Any) -> Iterator[str]:
    match value:
        case str() if value.startswith("{%"):
            assert value.endswith("%}"), f"evaluated only as a whole: {value}"
            yield value[2:-2].strip()
        case str():
            assert "{%" not in value, f"evaluated only as a whole: {value}"
        case dict():
            for member in value.values():
                yield from expressions(member)
        case list():
            for member in value:
                yield from expressions(member)


def evaluate(text: str, states: dict[str, Any] | None = None, **variables: Any) -> Any:
    [expression] = expressions(text)
    program = Jsonata(expression)
    # Step Functions' own function.
    program.register_lambda("parse", json.loads)
    return program.evaluate(None, {"states": states or {}, **variables})
