"""Parsing and evaluating JSONata within the bounds of Step Functions."""

from collections.abc import Mapping
from functools import cache
from threading import Lock
from typing import Any

from jsonata import Jsonata
from jsonata.jexception import JException

from local_cloud.interpreter.queries import library
from local_cloud.interpreter.queries.added_functions import FUNCTIONS
from local_cloud.interpreter.queries.bounds import LimitExceeded, bounded
from local_cloud.interpreter.queries.values import UnsupportedValue, as_json, from_json


class InvalidExpression(ValueError):
    """An expression that does not parse, with JSONata's words for it."""


class EvaluationError(Exception):
    """The expression cannot be evaluated, or is undefined."""

    def __init__(self, words: str, code: str | None = None) -> None:
        super().__init__(words)
        self.code = code


_mending = Lock()


@cache
def _mend() -> None:
    library.install()


def parse(expression: str) -> Any:
    """The library's program of an expression. Raises: InvalidExpression, if it does not parse."""
    with _mending:
        _mend()
    try:
        program = Jsonata(expression)
    except JException as error:
        raise InvalidExpression(f"{error.error}: {error}") from error
    except KeyError as error:
        raise InvalidExpression(f"S0204: Unknown operator: {error}") from error
    except (RuntimeError, IndexError, AttributeError, TypeError, ValueError) as error:
        code = library.code_of(str(error)) or "S0201"
        raise InvalidExpression(f"{code}: {error}") from error
    return program


def evaluate(expression: str, variables: Mapping[str, Any], context: Any = None) -> Any:
    """The value of a JSONata expression; `variables` are bound without their dollar sign.

    `context` is what a path without a variable starts at; a state machine has none.

    Raises: EvaluationError, also for no value at all.
    """
    try:
        program = parse(expression)
        program.set_output_convert_nulls(False)
        for name, function in FUNCTIONS.items():
            program.register_lambda(name, function)
        bound = {name: from_json(value) for name, value in variables.items()}
        with bounded():
            result = program.evaluate(context, {"eval": None} | bound)
        if result is None:
            raise EvaluationError("returned nothing (undefined).")
        return as_json(result)
    except EvaluationError:
        raise
    except InvalidExpression as error:
        raise EvaluationError(f"threw an error during evaluation. {error}", str(error)[:5]) from error
    except JException as error:
        words = f"threw an error during evaluation. {error.error}: {error}"
        raise EvaluationError(words, error.error) from error
    except RecursionError as error:
        raise EvaluationError("threw an error during evaluation. D1011: stack overflow", "D1011") from error
    except UnsupportedValue as error:
        raise EvaluationError(str(error)) from error
    except LimitExceeded as error:
        raise EvaluationError(f"threw an error during evaluation: {error}") from error
    except Exception as error:
        # Whatever the library does wrong is a failure of the expression and of nothing else.
        raise EvaluationError(f"threw an error during evaluation. {error}") from error


def evaluate_template(template: Any, variables: Mapping[str, Any]) -> Any:
    """A JSON value in which every string of the form {% ... %} is an expression."""
    match template:
        case str() if is_expression(template):
            return evaluate(template[2:-2].strip(), variables)
        case dict():
            return {key: evaluate_template(value, variables) for key, value in template.items()}
        case list():
            return [evaluate_template(value, variables) for value in template]
        case _:
            return template


def is_expression(text: str) -> bool:
    return text.startswith("{%") and text.endswith("%}") and len(text) >= 4
