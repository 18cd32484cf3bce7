"""Reading definitions: what moto's grammar cannot read is taken out, what it lets pass is refused by name."""

import json
from collections.abc import Iterator
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from moto.core.exceptions import AWSError
from moto.core.responses import ActionResult
from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap
from moto.stepfunctions.parser.asl.parse import asl_parser, preprocessor
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from local_cloud.ground.patching import replace
from local_cloud.interpreter.maps.fields import MapFields, is_distributed
from local_cloud.interpreter.validation.definition import check
from local_cloud.interpreter.validation.problems import Problem, schema

_MOST_DIAGNOSTICS = 100

_maps: ContextVar[dict[str, MapFields]] = ContextVar("_maps")


def states_of(
    program: dict[str, Any], language: str = "JSONPath"
) -> Iterator[tuple[str, dict[str, Any], str]]:
    """(name, state, query language) of every state, those of branches and item processors included.

    A state without a language of its own has the machine's, wherever it is.
    """
    language = program.get("QueryLanguage", language)
    for name, state in program.get("States", {}).items():
        yield name, state, state.get("QueryLanguage", language)
        for inner in (*state.get("Branches", ()), *filter(None, [state.get("ItemProcessor")])):
            yield from states_of(inner, language)


def _take_map_fields(program: dict[str, Any]) -> dict[str, MapFields]:
    return {
        name: MapFields.take(name, state, language)
        for name, state, language in states_of(program)
        if is_distributed(state)
    }


def _string_literal(parser_rule_context: Any) -> str | None:
    """Stock moto takes some JSON strings for Python's, and leaves the escapes of others, as of Assign, in."""
    text = parser_rule_context.getText()
    value = json.loads(text) if text == "null" or text.startswith('"') else text
    return None if value is None else str(value)


class InvalidDefinition(AWSError):
    TYPE = "InvalidDefinition"
    STATUS = 400


def _validate(definition: str) -> None:
    """Say all that is wrong; stock moto answers with an error code of no text and the whole definition."""
    problems = [str(problem) for problem in problems_of(definition)]
    if problems:
        raise InvalidDefinition(f"Invalid State Machine Definition: '{', '.join(problems)}'")


def problems_of(definition: str) -> list[Problem]:
    """What Step Functions has against a definition; if nothing, what the local cloud cannot do of it."""
    problems = check(definition)
    if problems:
        return problems
    try:
        asl_parser.AmazonStateLanguageParser.parse(definition)
    except Exception as error:
        return [schema(str(error), "/")]
    return []


def _validate_definition(self: Any) -> ActionResult:
    """ValidateStateMachineDefinition, which stock moto does not have."""
    problems = problems_of(self._get_param("definition"))
    most = self._get_int_param("maxResults") or _MOST_DIAGNOSTICS
    diagnostics = [
        {"severity": "ERROR", "code": problem.code, "message": problem.message}
        | ({"location": problem.location} if problem.location else {})
        for problem in problems[:most]
    ]
    result = "FAIL" if problems else "OK"
    return ActionResult({"result": result, "diagnostics": diagnostics, "truncated": len(problems) > most})


def install() -> None:
    stock_parse = asl_parser.AmazonStateLanguageParser.parse

    # ANTLR in Python needs most of a second for a long definition, and every execution asks for it.
    # Programs hold no state of an execution, so one may serve many.
    @lru_cache(maxsize=64)
    def parse(definition: str) -> Any:
        program = json.loads(definition)
        token = _maps.set(_take_map_fields(program))
        try:
            return stock_parse(json.dumps(program))
        finally:
            _maps.reset(token)

    replace(asl_parser.AmazonStateLanguageParser, "parse", staticmethod(parse))
    replace(StepFunctionsParserBackend, "_validate_definition", staticmethod(_validate))
    setattr(StepFunctionResponse, "validate_state_machine_definition", _validate_definition)  # noqa: B010
    replace(preprocessor, "from_string_literal", _string_literal)
    replace(preprocessor.Preprocessor, "_inner_string_of", staticmethod(_string_literal))

    stock_from_props = StateMap.from_state_props

    def from_state_props(self: Any, state_props: Any) -> None:
        stock_from_props(self, state_props)
        self.distributed = _maps.get().get(self.name)

    replace(StateMap, "from_state_props", from_state_props)
