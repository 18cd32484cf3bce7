"""Whatever is sent as a definition is judged: nothing that is wrong with it ends the judging."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from local_cloud.interpreter.validation.definition import check
from local_cloud.interpreter.validation.fields import TYPES

NAMES = ["A", "B", "Next", "Variable", "ErrorEquals", "Condition", "StartAt", "States", "And", "Not", "a.$"]
TEXTS = (
    st.sampled_from([*NAMES, "", "$.a[", "{% 1 + %}", "{% $x.a %}", "States.Format('{}')", "JSONata"])
    | st.text()
)
LEAVES = st.none() | st.booleans() | st.integers(-2, 10**9) | st.floats(allow_nan=False) | TEXTS
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=6,
)
FIELDS = [
    "Next", "End", "Default", "Choices", "Catch", "Retry", "Resource", "Arguments", "Parameters", "Assign",
    "Output", "Seconds", "Branches", "ItemProcessor", "Iterator", "Items", "ItemsPath", "InputPath",
    "TimeoutSeconds",
    "HeartbeatSeconds", "QueryLanguage", "Credentials", "ItemReader", "Error", "Cause", "Result", "Comment",
]  # fmt: skip
RESOURCES = st.sampled_from(
    [
        "arn:aws:states:::states:startExecution.sync:2",
        "arn:aws:states:::aws-sdk:sns:publish",
        "arn:aws:states:::x:y",
    ]
)
STATES: st.SearchStrategy[dict[str, Any]] = st.builds(
    lambda kind, resource, fields: {"Resource": resource, **fields, "Type": kind},
    st.sampled_from(TYPES) | VALUES,
    RESOURCES,
    st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=5),
)
MACHINES = st.fixed_dictionaries(
    {
        "StartAt": st.just("A") | VALUES,
        "States": st.dictionaries(st.sampled_from(["A", "B"]), STATES | VALUES) | VALUES,
    },
    optional={"QueryLanguage": st.sampled_from(["JSONata", "JSONPath"]) | VALUES, "TimeoutSeconds": VALUES},
)


@given(machine=MACHINES | VALUES)
def test_any_definition_is_judged_and_each_problem_has_a_place_or_is_of_all(machine: Any) -> None:
    for problem in check(json.dumps(machine)):
        assert problem.message and problem.code.isupper()
        assert problem.location is None or problem.location.startswith("/")
