"""One user of the API from the first schema to an empty account, with everything in between."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.personalize_server.support.journey import (
    RECIPE,
    ROLE,
    interactions_csv,
    items_csv,
    schema_text,
    settled,
    user_lines,
    users_csv,
)
from tests.personalize_server.support.processes import PersonalizeServer

BUCKET = "journey"
_CSV: Mapping[str, Callable[[], str]] = {
    "Interactions": interactions_csv,
    "Users": users_csv,
    "Items": items_csv,
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PersonalizeServer]:
    (tmp_path / "objects" / BUCKET).mkdir(parents=True)
    options = ("--file-root", str(tmp_path / "objects"))
    running = PersonalizeServer(tmp_path / "data", None, options).start()
    yield running
    running.stop()


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    return tmp_path / "objects" / BUCKET


def as_a_user(server: PersonalizeServer, service: str) -> Any:
    """A client as anybody makes one, with its own checks and retries; only the endpoint is another."""
    session = boto3.session.Session("key", "secret", region_name="eu-west-1")
    return session.client(service, endpoint_url=server.url, config=Config(read_timeout=60))


def refused(call: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return str(caught.value.response["Error"]["Code"])


def in_the_end(ask: Callable[[], bool], seconds: float = 20) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if ask():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.prove
def test_from_schemas_to_an_empty_account(server: PersonalizeServer, bucket: Path) -> None:
    api, runtime, events = (
        as_a_user(server, service) for service in ("personalize", "personalize-runtime", "personalize-events")
    )

    def location(key: str) -> str:
        return f"s3://{BUCKET}/{key}"

    def described(kind: str, arn: str) -> dict[str, Any]:
        name = kind[0].lower() + kind[1:]
        snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in kind)
        ask = getattr(api, f"describe{snake}")
        return settled(lambda: ask(**{f"{name}Arn": arn})[name])

    def ready(kind: str, made: dict[str, Any]) -> str:
        name = f"{kind[0].lower()}{kind[1:]}Arn"
        found = described(kind, made[name])
        assert found["status"] in ("ACTIVE", "COMPLETED"), found
        return str(made[name])

    # data
    group = ready(
        "DatasetGroup", api.create_dataset_group(name="shop", tags=[{"tagKey": "a", "tagValue": "b"}])
    )
    assert api.list_tags_for_resource(resourceArn=group)["tags"] == [{"tagKey": "a", "tagValue": "b"}]
    schemas, datasets = {}, {}
    for kind, content in _CSV.items():
        (bucket / f"{kind}.csv").write_text(content())
        schemas[kind] = api.create_schema(name=kind, schema=schema_text(kind))["schemaArn"]
        made = api.create_dataset(name=kind, schemaArn=schemas[kind], datasetGroupArn=group, datasetType=kind)
        datasets[kind] = ready("Dataset", made)
        source = {"dataLocation": location(f"{kind}.csv")}
        job = {"jobName": f"import-{kind}", "datasetArn": datasets[kind], "roleArn": ROLE}
        ready("DatasetImportJob", api.create_dataset_import_job(**job, dataSource=source))

    # training
    versions = {}
    for name in ("user-personalization-v2", "personalized-ranking-v2", "sims", "item-affinity"):
        solution = api.create_solution(
            name=name, datasetGroupArn=group, recipeArn=f"{RECIPE}aws-{name}", performAutoTraining=False
        )
        ready("Solution", solution)
        versions[name] = ready(
            "SolutionVersion", api.create_solution_version(solutionArn=solution["solutionArn"])
        )
        metrics = api.get_solution_metrics(solutionVersionArn=versions[name])["metrics"]
        assert metrics and all(0 <= value <= 1 for value in metrics.values())
    campaigns = {
        name: ready("Campaign", api.create_campaign(name=name, solutionVersionArn=versions[name]))
        for name in ("user-personalization-v2", "personalized-ranking-v2", "sims")
    }
    personal = campaigns["user-personalization-v2"]

    # recommendations, filters, events
    expressions = {
        "seen": 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")',
        "genre": "INCLUDE ItemID WHERE Items.GENRES IN ($GENRE)",
    }
    filters = {
        name: ready("Filter", api.create_filter(name=name, datasetGroupArn=group, filterExpression=text))
        for name, text in expressions.items()
    }
    tracker = api.create_event_tracker(name="web", datasetGroupArn=group)

    def recommended(user: str, **more: Any) -> list[str]:
        answer = runtime.get_recommendations(campaignArn=personal, userId=user, **more)
        return [entry["itemId"] for entry in answer["itemList"]]

    assert all(int(item[1:]) >= 40 for item in recommended("u0", numResults=10))
    horror = recommended("u0", numResults=20, filterArn=filters["genre"], filterValues={"GENRE": '"Horror"'})
    assert horror and all(int(item[1:]) % 2 == 0 for item in horror)
    unseen = recommended("u0", numResults=50, filterArn=filters["seen"])
    event = {"eventType": "view", "sentAt": int(time.time()), "itemId": unseen[0]}
    events.put_events(trackingId=tracker["trackingId"], sessionId="s", userId="u0", eventList=[event])
    assert in_the_end(lambda: unseen[0] not in recommended("u0", numResults=50, filterArn=filters["seen"])), (
        "an event changes the next answer"
    )
    stranger = recommended("stranger", numResults=10)
    liked = [{**event, "itemId": f"i{number}"} for number in range(1, 6)]
    events.put_events(trackingId=tracker["trackingId"], sessionId="t", userId="stranger", eventList=liked)
    assert in_the_end(lambda: recommended("stranger", numResults=10) != stranger)
    assert all(int(item[1:]) < 40 for item in recommended("stranger", numResults=5))
    properties = json.dumps({"age": 30})
    events.put_users(datasetArn=datasets["Users"], users=[{"userId": "stranger", "properties": properties}])
    properties = json.dumps({"genres": "Horror", "price": 1.5})
    events.put_items(datasetArn=datasets["Items"], items=[{"itemId": "i80", "properties": properties}])
    ranking = runtime.get_personalized_ranking(
        campaignArn=campaigns["personalized-ranking-v2"], userId="u0", inputList=["i1", "i50", "i2"]
    )["personalizedRanking"]
    assert ranking[0]["itemId"] == "i50"
    alike = runtime.get_recommendations(campaignArn=campaigns["sims"], itemId="i3", numResults=5)["itemList"]
    assert all(int(entry["itemId"][1:]) < 40 for entry in alike)

    # a campaign moves on to a newer version
    solution = versions["user-personalization-v2"].rpartition("/")[0]
    newer = ready("SolutionVersion", api.create_solution_version(solutionArn=solution, trainingMode="FULL"))
    api.update_campaign(campaignArn=personal, solutionVersionArn=newer)
    assert in_the_end(lambda: described("Campaign", personal)["solutionVersionArn"] == newer)
    assert len(recommended("u0")) == 25

    # batch
    for folder, lines in (("people", user_lines(["u1", "u2"])), ("items", '{"itemId": "i3"}\n')):
        (bucket / folder).mkdir()
        (bucket / folder / "input.json").write_text(lines)
    paths = {
        folder: {
            "jobInput": {"s3DataSource": {"path": location(f"{folder}/")}},
            "jobOutput": {"s3DataDestination": {"path": location(f"{folder}-out/")}},
        }
        for folder in ("people", "items")
    }
    job = {"jobName": "people", "solutionVersionArn": newer, "roleArn": ROLE}
    ready("BatchInferenceJob", api.create_batch_inference_job(**job, **paths["people"], numResults=5))
    output = (bucket / "people-out" / "input.json.out").read_text().splitlines()
    assert [len(json.loads(line)["output"]["recommendedItems"]) for line in output] == [5, 5]
    job = {"jobName": "items", "solutionVersionArn": versions["item-affinity"], "roleArn": ROLE}
    ready("BatchSegmentJob", api.create_batch_segment_job(**job, **paths["items"], numResults=5))
    [line] = (bucket / "items-out" / "input.json.out").read_text().splitlines()
    assert len(json.loads(line)["output"]["usersList"]) == 5

    # export, attribution, erasure
    job = {
        "jobName": "export",
        "datasetArn": datasets["Interactions"],
        "roleArn": ROLE,
        "ingestionMode": "ALL",
    }
    target = {"s3DataDestination": {"path": location("export/")}}
    ready("DatasetExportJob", api.create_dataset_export_job(**job, jobOutput=target))
    rows = (bucket / "export" / "export" / "part-00000.csv").read_text().splitlines()
    assert len(rows) == 1 + 60 * 25 + 1 + 5
    attribution = api.create_metric_attribution(
        name="clicks",
        datasetGroupArn=group,
        metrics=[{"eventType": "view", "metricName": "views", "expression": "SAMPLECOUNT()"}],
        metricsOutputConfig={"roleArn": ROLE},
    )["metricAttributionArn"]
    (bucket / "gone.csv").write_text("USER_ID\nstranger\n")
    job = {"jobName": "erase", "datasetGroupArn": group, "roleArn": ROLE}
    assert len(recommended("stranger", numResults=100, filterArn=filters["seen"])) < 80
    made = api.create_data_deletion_job(**job, dataSource={"dataLocation": location("gone.csv")})
    ready("DataDeletionJob", made)
    assert in_the_end(lambda: len(recommended("stranger", numResults=100, filterArn=filters["seen"])) >= 80)
    newest = ready("SolutionVersion", api.create_solution_version(solutionArn=solution))
    api.update_campaign(campaignArn=personal, solutionVersionArn=newest)
    assert in_the_end(
        lambda: recommended("stranger", numResults=10) == recommended("nobody", numResults=10)
    ), "profile and next training forget a user"

    # deletion in the wrong order
    in_use = "ResourceInUseException"
    assert refused(api.delete_dataset_group, datasetGroupArn=group) == in_use
    assert refused(api.delete_schema, schemaArn=schemas["Interactions"]) == in_use
    assert refused(api.delete_dataset, datasetArn=datasets["Interactions"]) == in_use
    assert refused(api.delete_solution, solutionArn=solution) == in_use

    # and in the right one
    for campaign in campaigns.values():
        api.delete_campaign(campaignArn=campaign)
    assert in_the_end(lambda: not api.list_campaigns()["campaigns"])
    gone = refused(runtime.get_recommendations, campaignArn=personal, userId="u0")
    assert gone == "ResourceNotFoundException"
    for filter_ in filters.values():
        api.delete_filter(filterArn=filter_)
    api.delete_metric_attribution(metricAttributionArn=attribution)
    api.delete_event_tracker(eventTrackerArn=tracker["eventTrackerArn"])
    for version in versions.values():
        api.delete_solution(solutionArn=version.rpartition("/")[0])
    assert in_the_end(lambda: not api.list_solutions()["solutions"])
    for kind, dataset in datasets.items():
        api.delete_dataset(datasetArn=dataset)
        assert in_the_end(lambda: len(api.list_datasets()["datasets"]) < len(datasets))
        api.delete_schema(schemaArn=schemas[kind])
    api.delete_dataset_group(datasetGroupArn=group)
    assert in_the_end(lambda: not api.list_dataset_groups()["datasetGroups"])
    left = [
        api.list_schemas()["schemas"],
        api.list_filters()["Filters"],
        api.list_event_trackers()["eventTrackers"],
        api.list_solution_versions()["solutionVersions"],
        api.list_dataset_import_jobs()["datasetImportJobs"],
        api.list_batch_inference_jobs()["batchInferenceJobs"],
    ]
    assert left == [[]] * 6
