"""What must be there first, what must be gone first, and which names are taken."""

from typing import Any

import pytest

from tests.personalize_server.support.journey import (
    RECIPE,
    ROLE,
    Journey,
    interactions_csv,
    schema_text,
    settled,
    user_lines,
)
from tests.personalize_server.support.processes import PersonalizeServer
from tests.personalize_server.support.refusals import ACCOUNT, code


@pytest.fixture(scope="module")
def trained(personalize: Any, s3: Any) -> tuple[Journey, str, str, str]:
    """A journey, its group, its solution and an ACTIVE version."""
    journey = Journey(personalize, s3, "preconditions")
    group = journey.ready_to_train()
    solution = journey.solution(group)
    return journey, group, solution, journey.train(solution)["solutionVersionArn"]


def test_names_are_unique_in_an_account_and_region(journey: Journey, server: PersonalizeServer) -> None:
    api, group = journey.personalize, journey.group()
    dataset = journey.dataset(group)
    solution = journey.solution(group)
    taken = "ResourceAlreadyExistsException"
    assert code(api.create_dataset_group, name=journey.name) == taken
    schema = f"{journey.name}-interactions"
    assert code(api.create_schema, name=schema, schema=schema_text("Interactions")) == taken
    again = {"datasetGroupArn": group, "name": journey.name}
    assert code(api.create_solution, recipeArn=f"{RECIPE}aws-popularity-count", **again) == taken
    other = api.create_schema(name=f"{journey.name}-2", schema=schema_text("Interactions"))["schemaArn"]
    second = {"name": "second", "schemaArn": other, "datasetType": "INTERACTIONS"}
    assert code(api.create_dataset, datasetGroupArn=group, **second) == taken
    assert dataset == f"{ACCOUNT}dataset/{journey.name}/INTERACTIONS"
    assert solution == f"{ACCOUNT}solution/{journey.name}"
    elsewhere = server.client(region="us-east-1").create_dataset_group(name=journey.name)["datasetGroupArn"]
    assert ":us-east-1:" in elsewhere


def test_what_a_request_names_must_exist(journey: Journey) -> None:
    api, absent = journey.personalize, "ResourceNotFoundException"
    group = f"{ACCOUNT}dataset-group/none"
    solution, version = f"{ACCOUNT}solution/none", f"{ACCOUNT}solution/none/12345678"
    s3 = {"path": "s3://bucket/folder/"}
    assert code(api.create_solution, name="x", datasetGroupArn=group, recipeArn=f"{RECIPE}aws-sims") == absent
    assert code(api.create_solution_version, solutionArn=solution) == absent
    assert code(api.create_filter, name="x", datasetGroupArn=group, filterExpression="x") == absent
    assert code(api.create_campaign, name="x", solutionVersionArn=version) == absent
    assert code(api.get_solution_metrics, solutionVersionArn=version) == absent
    assert code(api.list_solution_versions, solutionArn=solution) == absent
    assert code(api.describe_recipe, recipeArn=f"{RECIPE}aws-none") == absent
    assert api.list_campaigns(solutionArn=solution)["campaigns"] == []
    source = {
        "jobInput": {"s3DataSource": s3},
        "jobOutput": {"s3DataDestination": {"path": "s3://bucket/out/"}},
    }
    job = {"jobName": "x", "roleArn": ROLE, "solutionVersionArn": version, **source}
    assert code(api.create_batch_inference_job, **job) == absent


def test_an_arn_of_another_kind_is_not_found(trained: tuple[Journey, str, str, str]) -> None:
    journey, group, solution, _ = trained
    assert code(journey.personalize.describe_solution, solutionArn=group) == "ResourceNotFoundException"
    assert code(journey.personalize.delete_dataset_group, datasetGroupArn=solution) == (
        "ResourceNotFoundException"
    )


def test_a_version_that_failed_cannot_be_used(journey: Journey) -> None:
    version = journey.train(journey.solution(journey.group()))["solutionVersionArn"]
    api, in_use = journey.personalize, "ResourceInUseException"
    assert code(api.create_campaign, name=journey.name, solutionVersionArn=version) == in_use
    assert code(api.get_solution_metrics, solutionVersionArn=version) == in_use
    assert code(journey.infer, version=version, lines="") == in_use
    assert code(api.stop_solution_version_creation, solutionVersionArn=version) == in_use


def test_resources_are_deleted_only_when_nothing_uses_them(journey: Journey) -> None:
    api = journey.personalize
    group = journey.group()
    dataset = journey.dataset(group)
    journey.import_csv(dataset, interactions_csv())
    solution = journey.solution(group)
    version = journey.train(solution)["solutionVersionArn"]
    expression = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'
    filter_ = api.create_filter(name=journey.name, datasetGroupArn=group, filterExpression=expression)
    campaign = api.create_campaign(name=journey.name, solutionVersionArn=version)["campaignArn"]
    schema = f"{ACCOUNT}schema/{journey.name}-interactions"
    in_use = "ResourceInUseException"
    assert code(api.delete_dataset_group, datasetGroupArn=group) == in_use
    assert code(api.delete_schema, schemaArn=schema) == in_use
    assert code(api.delete_dataset, datasetArn=dataset) == in_use
    assert code(api.delete_solution, solutionArn=solution) == in_use
    api.delete_campaign(campaignArn=campaign)
    assert code(api.delete_dataset, datasetArn=dataset) == in_use
    api.delete_filter(filterArn=filter_["filterArn"])
    api.delete_solution(solutionArn=solution)
    assert code(api.describe_solution_version, solutionVersionArn=version) == "ResourceNotFoundException"
    assert code(api.delete_schema, schemaArn=schema) == in_use
    api.delete_dataset(datasetArn=dataset)
    api.delete_schema(schemaArn=schema)
    api.delete_dataset_group(datasetGroupArn=group)
    assert journey.group() == group, "its name is free again"


def test_a_solution_takes_only_what_its_recipe_supports(journey: Journey) -> None:
    group = journey.group()
    weights = {"eventsConfig": {"eventParametersList": [{"eventType": "view", "weight": 0.5}]}}
    for recipe, more in (
        ("aws-user-personalization", {"solutionConfig": weights}),
        ("aws-user-personalization-v2", {"performHPO": True}),
        ("aws-user-personalization-v2", {"performIncrementalUpdate": True}),
        ("aws-user-personalization", {"solutionConfig": {"algorithmHyperParameters": {"bptt": "33"}}}),
        ("aws-popularity-count", {"solutionConfig": {"algorithmHyperParameters": {"factors": "3"}}}),
        ("aws-sims", {"solutionConfig": {"eventValueThreshold": "high"}}),
        ("aws-sims", {"solutionConfig": {"autoTrainingConfig": {"schedulingExpression": "rate(31 days)"}}}),
        ("aws-ecomm-recommended-for-you", {}),
        ("aws-none", {}),
        ("aws-sims", {"performAutoML": True}),
    ):
        with pytest.raises(journey.personalize.exceptions.InvalidInputException):
            journey.solution(group, recipe, **more)


def test_automatic_training_is_on_unless_turned_off(journey: Journey) -> None:
    api, group = journey.personalize, journey.group()
    arn = api.create_solution(
        name=journey.name, datasetGroupArn=group, recipeArn=f"{RECIPE}aws-user-personalization-v2"
    )["solutionArn"]
    assert api.describe_solution(solutionArn=arn)["solution"]["performAutoTraining"] is True
    api.update_solution(solutionArn=arn, performAutoTraining=False)
    solution = api.describe_solution(solutionArn=arn)["solution"]
    assert solution["performAutoTraining"] is False
    assert solution["latestSolutionUpdate"]["status"] == "ACTIVE"
    assert solution["latestSolutionUpdate"]["performAutoTraining"] is False
    assert code(api.update_solution, solutionArn=arn) == "InvalidInputException"


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("EXCLUDE ItemID", "ends where WHERE is expected"),
        ('REMOVE ItemID WHERE Interactions.EVENT_TYPE IN ("a")', "Invalid input symbol: REMOVE"),
        ("EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ($t", r"ends where \) is expected"),
        ("EXCLUDE ItemID WHERE Interactions.EVENT_TYPE NOT IN ($p)", r"symbol: \$p. Placeholders are not"),
        ('EXCLUDE ItemID WHERE Interactions.ITEM_ID IN ("a")', "only be filtered by EVENT_TYPE"),
        ('EXCLUDE ItemID WHERE Items.GENRES IN ("a")', "no ITEMS dataset"),
        ('EXCLUDE ItemID WHERE Interactions.MOOD IN ("a")', "no field MOOD"),
        (
            'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("a") AND Items.GENRES IN ("b")',
            "must use the dataset of the first one",
        ),
        ("EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN (~)", "Invalid input symbol: ~"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(
    trained: tuple[Journey, str, str, str], expression: str, problem: str
) -> None:
    journey, group, _, _ = trained
    with pytest.raises(journey.personalize.exceptions.InvalidInputException, match=problem):
        journey.personalize.create_filter(name="bad", datasetGroupArn=group, filterExpression=expression)


@pytest.mark.parametrize(
    ("source", "target", "problem"),
    [
        ("http://bucket/in/", "s3://bucket/out/", "Invalid S3 input path"),
        ("s3://bucket/in/", "s3://bucket/out", "Invalid S3 output path"),
        ("s3://bucket/in/", "s3://bucket/in/", "Invalid S3 output path"),
    ],
)
def test_batch_paths_are_checked(
    trained: tuple[Journey, str, str, str], source: str, target: str, problem: str
) -> None:
    journey, _, _, version = trained
    with pytest.raises(journey.personalize.exceptions.InvalidInputException, match=problem):
        journey.personalize.create_batch_inference_job(
            jobName="paths",
            solutionVersionArn=version,
            jobInput={"s3DataSource": {"path": source}},
            jobOutput={"s3DataDestination": {"path": target}},
            roleArn=ROLE,
        )


def test_a_batch_job_without_input_files_fails(trained: tuple[Journey, str, str, str]) -> None:
    journey, _, _, version = trained
    journey.infer(version, user_lines(["u1"]), "once")
    with pytest.raises(journey.personalize.exceptions.ResourceAlreadyExistsException):
        journey.infer(version, user_lines(["u1"]), "once")
    job = journey.personalize.create_batch_inference_job(
        jobName="no-input",
        solutionVersionArn=version,
        jobInput={"s3DataSource": {"path": "s3://personalize-data/nothing/here/"}},
        jobOutput={"s3DataDestination": {"path": "s3://personalize-data/nothing/there/"}},
        roleArn=ROLE,
    )["batchInferenceJobArn"]
    describe = journey.personalize.describe_batch_inference_job
    found = settled(lambda: describe(batchInferenceJobArn=job)["batchInferenceJob"])
    assert found["status"] == "CREATE FAILED"
    assert found["failureReason"].startswith("Invalid S3 input path")


def test_a_campaign_moves_to_another_version_and_stays_active(trained: tuple[Journey, str, str, str]) -> None:
    journey, _, solution, version = trained
    api = journey.personalize
    arn = api.create_campaign(name="moving", solutionVersionArn=version)["campaignArn"]
    newer = journey.train(solution)["solutionVersionArn"]
    api.update_campaign(campaignArn=arn, solutionVersionArn=newer, minProvisionedTPS=3)
    campaign = api.describe_campaign(campaignArn=arn)["campaign"]
    assert (campaign["status"], campaign["solutionVersionArn"]) == ("ACTIVE", newer)
    assert campaign["minProvisionedTPS"] == campaign["latestCampaignUpdate"]["minProvisionedTPS"] == 3
    assert [entry["campaignArn"] for entry in api.list_campaigns(solutionArn=solution)["campaigns"]] == [arn]


def test_a_schema_is_replaced_only_by_one_that_keeps_its_fields(journey: Journey) -> None:
    api, group = journey.personalize, journey.group()
    users = journey.dataset(group, "Users")

    def schema(name: str, text: str) -> str:
        return str(api.create_schema(name=f"{journey.name}-{name}", schema=text)["schemaArn"])

    city = {"name": "CITY", "type": ["null", "string"], "categorical": True}
    fewer = schema("fewer", schema_text("Users", without="AGE"))
    strict = schema("strict", schema_text("Users", {**city, "type": "string"}))
    for wrong in (fewer, strict):
        assert code(api.update_dataset, datasetArn=users, schemaArn=wrong) == "InvalidInputException"
    more = schema("more", schema_text("Users", city))
    api.update_dataset(datasetArn=users, schemaArn=more)
    dataset = api.describe_dataset(datasetArn=users)["dataset"]
    assert dataset["schemaArn"] == dataset["latestDatasetUpdate"]["schemaArn"] == more
    api.delete_schema(schemaArn=f"{ACCOUNT}schema/{journey.name}-users")
