"""The fields of each type of state, and the query language that each belongs to."""

from typing import Any

from local_cloud.interpreter.validation.problems import Problem, Problems, schema

_EVERY = {"Type", "Comment", "QueryLanguage"}
_PATHS = {"InputPath", "OutputPath"}
_RESULTS = {"ResultPath", "ResultSelector", "Parameters"}
_GOES_ON = {"Next", "End", "Assign", "Output"}
_FAILS = {"Retry", "Catch"}
_BY_TYPE: dict[str, set[str]] = {
    "Pass": _GOES_ON | _PATHS | {"Result", "ResultPath", "Parameters"},
    "Task": _GOES_ON | _PATHS | _RESULTS | _FAILS | {
        "Resource", "Arguments", "Credentials", "TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds",
        "HeartbeatSecondsPath",
    },
    "Choice": _PATHS | {"Choices", "Default", "Assign", "Output"},
    "Wait": _GOES_ON | _PATHS | {"Seconds", "SecondsPath", "Timestamp", "TimestampPath"},
    "Succeed": _PATHS | {"Output"},
    "Fail": {"Error", "ErrorPath", "Cause", "CausePath"},
    "Parallel": _GOES_ON | _PATHS | _RESULTS | _FAILS | {"Arguments", "Branches"},
    "Map": _GOES_ON | _PATHS | _RESULTS | _FAILS | {
        "Items", "ItemsPath", "ItemProcessor", "Iterator", "ItemSelector", "ItemReader", "ItemBatcher",
        "ResultWriter", "MaxConcurrency", "MaxConcurrencyPath", "ToleratedFailureCount",
        "ToleratedFailureCountPath", "ToleratedFailurePercentage", "ToleratedFailurePercentagePath", "Label",
    },
}  # fmt: skip
_ONE_OF_EACH = [
    ("TimeoutSeconds", "TimeoutSecondsPath"), ("HeartbeatSeconds", "HeartbeatSecondsPath"),
    ("Error", "ErrorPath"), ("Cause", "CausePath"), ("MaxConcurrency", "MaxConcurrencyPath"),
    ("ToleratedFailureCount", "ToleratedFailureCountPath"),
    ("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"), ("ItemProcessor", "Iterator"),
    ("Parameters", "ItemSelector"),
]  # fmt: skip
_OF_JSONATA = {"Arguments", "Output", "Items"}
_OF_JSONPATH = (
    _PATHS
    | _RESULTS
    | {"Result"}
    | {field for fields in _BY_TYPE.values() for field in fields if field.endswith("Path")}
)
_DISTRIBUTED = {
    "ItemReader", "ItemBatcher", "ResultWriter", "ToleratedFailureCount", "ToleratedFailureCountPath",
    "ToleratedFailurePercentage", "ToleratedFailurePercentagePath", "Label",
}  # fmt: skip

TYPES = tuple(_BY_TYPE)


def fields_of(state: dict[str, Any], language: str, place: str) -> Problems:
    """What a state of a known type has that it may not have."""
    allowed = _BY_TYPE[state["Type"]]
    for field in state.keys() - _EVERY - allowed:
        yield schema(f"Field '{field}' is not supported", place)
    other = "JSONPath" if language == "JSONata" else "JSONata"
    for field in sorted(state.keys() & allowed & (_OF_JSONPATH if language == "JSONata" else _OF_JSONATA)):
        yield _foreign(field, language, other, place)
    for one, another in _ONE_OF_EACH:
        if one in state and another in state:
            yield schema(f"Fields '{one}' and '{another}' exclude each other", place)
    if state["Type"] == "Map" and not _is_distributed(state):
        for field in sorted(state.keys() & _DISTRIBUTED):
            yield schema(f"Field '{field}' is supported in a Map of mode DISTRIBUTED only", place)


def _foreign(field: str, language: str, other: str, place: str) -> Problem:
    return schema(
        f"The QueryLanguage is set to '{language}', but field '{field}' is only supported for the '{other}' "
        "QueryLanguage",
        place,
    )


def _is_distributed(state: dict[str, Any]) -> bool:
    processor = state.get("ItemProcessor")
    config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
    return isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED"
