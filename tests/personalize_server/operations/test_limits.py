"""States that take their time, quotas, and rates of requests."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.personalize_server.support.journey import Journey, schema_text, settled
from tests.personalize_server.support.processes import PersonalizeServer
from tests.personalize_server.support.refusals import code


@pytest.fixture
def unhurried(s3_endpoint: str, tmp_path: Any) -> Iterator[PersonalizeServer]:
    """States take time: a dataset group 2 s, a version 180 s."""
    options = ("--timing", "realistic", "--time-scale", "0.1", "--rate-limit", "0")
    server = PersonalizeServer(tmp_path, s3_endpoint, options).start()
    yield server
    server.stop()


@pytest.mark.prove
def test_states_take_their_time_and_calls_must_wait_for_them(unhurried: PersonalizeServer, s3: Any) -> None:
    journey = Journey(unhurried.client(), s3, "unhurried")
    api, group = journey.personalize, journey.group()
    schema = api.create_schema(name="x", schema=schema_text("Interactions"))["schemaArn"]
    seen = [api.describe_dataset_group(datasetGroupArn=group)["datasetGroup"]]
    early = {"name": "x", "schemaArn": schema, "datasetGroupArn": group, "datasetType": "Interactions"}
    assert code(api.create_dataset, **early) == "ResourceInUseException"
    assert code(api.delete_dataset_group, datasetGroupArn=group) == "ResourceInUseException"
    no_use = {"name": "x", "filterExpression": 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'}
    undeclared = code(api.create_filter, datasetGroupArn=group, **no_use)
    assert undeclared == "InvalidInputException", "CreateFilter does not declare ResourceInUseException"

    def describe() -> dict[str, Any]:
        seen.append(api.describe_dataset_group(datasetGroupArn=group)["datasetGroup"])
        return dict(seen[-1])

    settled(describe)
    states = list(dict.fromkeys(entry["status"] for entry in seen))
    assert states == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]

    solution = journey.solution(group)
    settled(lambda: api.describe_solution(solutionArn=solution)["solution"])
    version = journey.start_training(solution)
    assert code(api.delete_solution, solutionArn=solution) == "ResourceInUseException"
    api.stop_solution_version_creation(solutionVersionArn=version)
    assert journey.trained(version)["status"] == "CREATE STOPPED"
    assert code(api.stop_solution_version_creation, solutionVersionArn=version) == "ResourceInUseException"


def test_quotas_and_request_rates_are_enforced(s3_endpoint: str, s3: Any, tmp_path: Any) -> None:
    options = ("--quota", "running_import_jobs=0", "--rate-limit", "6")
    server = PersonalizeServer(tmp_path, s3_endpoint, options).start()
    try:
        journey = Journey(server.client(), s3, "limits")
        dataset = journey.dataset(journey.group())
        with pytest.raises(ClientError) as caught:
            journey.start_import(dataset, "s3://personalize-data/x.csv")
        error = caught.value.response["Error"]
        assert error["Code"] == "LimitExceededException"
        assert error["Message"] == "More than 0 resources with PENDING or IN_PROGRESS status."
        for n in range(4):
            journey.personalize.create_dataset_group(name=f"group-{n}")
        assert code(journey.personalize.create_dataset_group, name="a-sixth") == "LimitExceededException"
        codes = set()
        for _ in range(30):
            try:
                server.client().list_schemas()
            except ClientError as problem:
                codes.add(problem.response["Error"]["Code"])
        assert codes == {"ThrottlingException"}
        server.client(region="us-east-1").list_schemas()
    finally:
        server.stop()
