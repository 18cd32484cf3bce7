r"""Intrinsic functions: null, numbers with fractions, and the escapes \', \\, \{ and \} of their texts.

Stock moto's grammar has neither null nor escapes, it leaves the escapes of JSON in, reads fractions as whole
numbers and formats by Python's rules.
"""

import json
import re
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringIntrinsicFunction
from moto.stepfunctions.parser.asl.component.intrinsic.argument.argument import ArgumentLiteral
from moto.stepfunctions.parser.asl.component.intrinsic.function.statesfunction.generic.string_format import (
    StringFormat,
)
from moto.stepfunctions.parser.asl.parse import preprocessor
from moto.stepfunctions.parser.asl.parse.intrinsic.intrinsic_parser import IntrinsicParser
from moto.stepfunctions.parser.asl.parse.intrinsic.preprocessor import Preprocessor
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

from local_cloud.ground.patching import replace
from local_cloud.interpreter.states.failures import failure

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r"}
_PLACE = re.compile(r"\\(.)|(\{\})", re.DOTALL)
# While the grammar reads it, an escape is one character of those that nobody uses; so is null, in quotes.
_HIDDEN = {r"\\": "\ue000", r"\'": "\ue001", r"\{": "\ue002", r"\}": "\ue003"}
_SHOWN = {hidden: escape for escape, hidden in _HIDDEN.items()}
_NULL = "\ue004"


class Literal(str):
    """A text between single quotes; `template` has its escapes still."""

    template: str

    @classmethod
    def of(cls, template: str) -> "Literal":
        literal = cls(_ESCAPE.sub(lambda found: _unescaped(found.group(1)), template))
        literal.template = template
        return literal


def _unescaped(character: str) -> str:
    return _CONTROLS.get(character, character)


def hidden(function: str) -> str:
    """A function as the grammar can read it."""
    escaped = re.sub(r"\\[\\'{}]", lambda found: _HIDDEN[found.group()], function)
    parts = escaped.split("'")
    # Every other part is a text.
    parts[::2] = [re.sub(r"(?<![\w.$\[])null(?!\w)", f"'{_NULL}'", part) for part in parts[::2]]
    return "'".join(parts)


def _argument(self: Any, context: Any) -> ArgumentLiteral:
    text = context.STRING().getText()[1:-1]
    template = "".join(_SHOWN.get(character, character) for character in text)
    return ArgumentLiteral(definition_value=None if text == _NULL else Literal.of(template))


def _float(self: Any, context: Any) -> ArgumentLiteral:
    return ArgumentLiteral(definition_value=float(context.getText()))


def filled(template: str, values: list[str]) -> str:
    """`template` with each {} replaced; escaped braces are braces.

    Raises: ValueError, if there are not as many values as places.
    """
    left = list(values)
    raw = template.template if isinstance(template, Literal) else template.replace("\\", "\\\\")

    def part(found: re.Match[str]) -> str:
        if found.group(2) is None:
            return _unescaped(found.group(1))
        if not left:
            raise ValueError(f"States.Format has {len(values)} values for more places in '{template}'")
        return left.pop(0)

    result = _PLACE.sub(part, raw)
    if left:
        raise ValueError(f"States.Format has {len(left)} values more than places in '{template}'")
    return result


def _format(self: Any, env: Any) -> None:
    self.argument_list.eval(env=env)
    template, *values = env.stack.pop()
    env.stack.append(filled(template, [StringFormat._to_str_repr(value) for value in values]))


def install() -> None:
    stock_parse = IntrinsicParser.parse

    def parse(src: str) -> Any:
        return stock_parse(hidden(src))

    def function(self: Any, context: Any) -> StringIntrinsicFunction:
        text = json.loads(context.STRINGINTRINSICFUNC().getText())
        return StringIntrinsicFunction(intrinsic_function_derivation=text, function=parse(text)[0])

    stock_evaluate = StringIntrinsicFunction._eval_body

    def evaluate(self: Any, env: Any) -> None:
        try:
            stock_evaluate(self, env)
        except (FailureEventException, NoSuchJsonPathError):
            raise
        except Exception as error:
            raise failure(
                env,
                StatesErrorNameType.StatesIntrinsicFailure,
                f"The function '{self.intrinsic_function_derivation}' could not be evaluated: {error}",
                event=HistoryEventType.TaskFailed,
                details="taskFailedEventDetails",
            ) from error

    replace(Preprocessor, "visitFunc_arg_string", _argument)
    replace(IntrinsicParser, "parse", staticmethod(parse))
    replace(preprocessor.Preprocessor, "visitString_intrinsic_function", function)
    replace(Preprocessor, "visitFunc_arg_float", _float)
    replace(StringFormat, "_eval_body", _format)
    replace(StringIntrinsicFunction, "_eval_body", evaluate)
