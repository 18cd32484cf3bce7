"""Reading definitions: what moto's grammar cannot read is taken out, what it lets pass is refused by name."""

import json
from collections.abc import Iterator
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from moto.core.exceptions import AWSError
from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap
from moto.stepfunctions.parser.asl.parse import asl_parser, preprocessor
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from local_cloud.ground.patching import replace
from local_cloud.interpreter.maps.fields import MapFields, is_distributed
from local_cloud.interpreter.tasks import sdk_services, sdk_shapes

_maps: ContextVar[dict[str, MapFields]] = ContextVar("_maps")


def states_of(
    program: dict[str, Any], language: str = "JSONPath"
) -> Iterator[tuple[str, dict[str, Any], str]]:
    """(name, state, query language) of every state, those of branches and item processors included."""
    language = program.get("QueryLanguage", language)
    for name, state in program.get("States", {}).items():
        own = state.get("QueryLanguage", language)
        yield name, state, own
        for inner in (*state.get("Branches", ()), *filter(None, [state.get("ItemProcessor")])):
            yield from states_of(inner, own)


def check(program: dict[str, Any]) -> None:
    """Refuse, as Step Functions does, an aws-sdk task whose service, action or fields do not exist."""
    for _, state, language in states_of(program):
        integration = sdk_services.parse_resource(state.get("Resource", ""))
        arguments = state.get("Arguments" if language == "JSONata" else "Parameters")
        if integration is None:
            continue
        shape = sdk_services.operation_model(*integration).input_shape
        if isinstance(arguments, dict) and shape is not None:
            for field in arguments:
                sdk_shapes.member_name(field.removesuffix(".$"), shape)


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
    """Say what is wrong; stock moto answers with an error code of no text and the whole definition."""
    try:
        asl_parser.AmazonStateLanguageParser.parse(definition)
    except Exception as error:
        raise InvalidDefinition(
            f"Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: {error}'"
        ) from None


def install() -> None:
    stock_parse = asl_parser.AmazonStateLanguageParser.parse

    # ANTLR in Python needs most of a second for a long definition, and every execution asks for it.
    # Programs hold no state of an execution, so one may serve many.
    @lru_cache(maxsize=64)
    def parse(definition: str) -> Any:
        program = json.loads(definition)
        check(program)
        token = _maps.set(_take_map_fields(program))
        try:
            return stock_parse(json.dumps(program))
        finally:
            _maps.reset(token)

    replace(asl_parser.AmazonStateLanguageParser, "parse", staticmethod(parse))
    replace(StepFunctionsParserBackend, "_validate_definition", staticmethod(_validate))
    replace(preprocessor, "from_string_literal", _string_literal)
    replace(preprocessor.Preprocessor, "_inner_string_of", staticmethod(_string_literal))

    stock_from_props = StateMap.from_state_props

    def from_state_props(self: Any, state_props: Any) -> None:
        stock_from_props(self, state_props)
        self.distributed = _maps.get().get(self.name)

    replace(StateMap, "from_state_props", from_state_props)
