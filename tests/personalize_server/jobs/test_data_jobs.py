"""Data taken out again: exports, and users who want to be forgotten."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.personalize_server.support.clockwork import Clockwork
from tests.personalize_server.support.journey import (
    BUCKET,
    ROLE,
    Journey,
    interactions_csv,
    items_csv,
    settled,
    user_lines,
    users_csv,
)
from tests.personalize_server.support.processes import PersonalizeServer


def exported(journey: Journey, dataset: str, mode: str) -> str:
    api = journey.personalize
    name = f"{journey.name}-{mode.lower()}"
    job = api.create_dataset_export_job(
        jobName=name,
        datasetArn=dataset,
        ingestionMode=mode,
        roleArn=ROLE,
        jobOutput={"s3DataDestination": {"path": f"s3://{BUCKET}/{journey.name}/export/"}},
    )["datasetExportJobArn"]
    found = settled(lambda: api.describe_dataset_export_job(datasetExportJobArn=job)["datasetExportJob"])
    assert found["status"] == "ACTIVE", found
    key = f"{journey.name}/export/{name}/part-00000.csv"
    return str(journey.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode())


def test_an_export_holds_what_was_imported_and_put(journey: Journey, server: PersonalizeServer) -> None:
    items = journey.dataset(journey.group(), "Items")
    journey.import_csv(items, items_csv())
    properties = json.dumps({"genres": "New", "title": 'said "no", twice'})
    put = [{"itemId": "put-1", "properties": properties}]
    server.client("personalize-events").put_items(datasetArn=items, items=put)
    bulk, single = exported(journey, items, "BULK"), exported(journey, items, "PUT")
    assert sorted(bulk.splitlines()) == sorted(items_csv().splitlines())
    assert single.splitlines()[1:] == ['put-1,New,,"said \\"no\\", twice"']
    everything = exported(journey, items, "ALL")
    assert len(everything.splitlines()) == 82
    assert journey.import_csv(items, everything, "2")["status"] == "ACTIVE"


def deleted(journey: Journey, group: str, body: str | bytes) -> dict[str, Any]:
    api = journey.personalize
    folder = journey.put("forget/deep/users.csv", body).removesuffix("deep/users.csv")
    job = api.create_data_deletion_job(
        jobName=journey.name,
        datasetGroupArn=group,
        dataSource={"dataLocation": folder},
        roleArn=ROLE,
    )["dataDeletionJobArn"]
    describe = api.describe_data_deletion_job
    return settled(lambda: describe(dataDeletionJobArn=job)["dataDeletionJob"])


def test_users_are_forgotten_by_data_and_training(journey: Journey, server: PersonalizeServer) -> None:
    group = journey.group()
    datasets = {kind: journey.dataset(group, kind) for kind in ("Interactions", "Users")}
    journey.import_csv(datasets["Interactions"], interactions_csv())
    journey.import_csv(datasets["Users"], users_csv())
    tracker = journey.personalize.create_event_tracker(name=journey.name, datasetGroupArn=group)
    event = {"eventType": "view", "itemId": "i1", "sentAt": 1_700_000_000}
    for user in ("u3", "visitor", "u4"):
        server.client("personalize-events").put_events(
            trackingId=tracker["trackingId"], sessionId="s", userId=user, eventList=[event]
        )
    segments = journey.train(journey.solution(group, "aws-item-affinity", name=f"{journey.name}-segments"))
    wish = '{"itemId": "i1"}\n'
    journey.segment(segments["solutionVersionArn"], wish, "before", numResults=60)
    assert {"u3", "u7"} <= set(journey.output("before")[0]["output"]["usersList"])
    job = deleted(journey, group, "USER_ID\nu3\nu7\nvisitor\nnobody\n")
    assert job["status"] == "COMPLETED", job
    assert job["numDeleted"] == 2 * 25 + 2 + 2

    for dataset in datasets.values():
        rows = exported_rows(journey, dataset)
        assert not {row.split(",")[0] for row in rows} & {"u3", "u7", "visitor"}
    stored = b"".join(path.read_bytes() for path in server.data.glob("datasets/*/USER_ID.values"))
    assert b"visitor" not in stored
    journey.segment(segments["solutionVersionArn"], wish, "after", numResults=60)
    assert not {"u3", "u7"} & set(journey.output("after")[0]["output"]["usersList"])
    version = journey.train(journey.solution(group))["solutionVersionArn"]
    journey.infer(version, user_lines(["u3", "never seen"]))
    forgotten, unknown = journey.output()
    assert forgotten["output"] == unknown["output"]


def exported_rows(journey: Journey, dataset: str) -> list[str]:
    name = f"{journey.name}-{dataset.rpartition('/')[2].lower()}"
    part = Journey(journey.personalize, journey.s3, name)
    return exported(part, dataset, "ALL").splitlines()[1:]


def test_ids_to_forget_are_read_as_those_of_imports(journey: Journey) -> None:
    group = journey.group()
    dataset = journey.dataset(group, "Users")
    strange = 'USER_ID,AGE,GENDER\n"a, \\"b\\"",30,f\n u8 ,31,f\nkept,32,f\n'
    journey.import_csv(dataset, users_csv(9))
    journey.import_csv(dataset, strange, "2", importMode="INCREMENTAL")
    job = deleted(journey, group, '\ufeffUSER_ID\r\n"u7"\r\n\r\nu3  \r\n"a, \\"b\\""\r\n u8 \r\nu5')
    assert (job["status"], job["numDeleted"]) == ("COMPLETED", 6)
    left = [row.split(",")[0] for row in exported_rows(journey, dataset)]
    assert left == ["u0", "u1", "u2", "u4", "u6", "kept"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param(b"u3\nu7\n", "Input CSV is missing the following columns:[USER_ID]", id="no header"),
        pytest.param(b"", "The input CSV is empty", id="empty"),
        pytest.param(b"USER_ID,AGE\nu3,1\n", "Input CSV has columns besides USER_ID", id="more columns"),
        pytest.param(b"USER_ID\nu3\nu4,5\n", "Line 3 of the input CSV has 2 values", id="more values"),
        pytest.param(b"USER_ID\nu3\nu\xff\n", "Line 3 of the input CSV is not UTF-8", id="not UTF-8"),
        pytest.param(b'USER_ID\n"u3\n', "Line 2 of the input CSV has a quoted value", id="open quote"),
    ],
)
def test_a_deletion_file_that_cannot_be_read_fails(journey: Journey, body: bytes, problem: str) -> None:
    job = deleted(journey, journey.group(), body)
    assert job["status"] == "FAILED"
    assert job["failureReason"].startswith(problem)
    assert job["failureReason"].endswith("/users.csv)")


@pytest.fixture
def alone(s3_endpoint: str, s3: Any, tmp_path: Path) -> Iterator[tuple[PersonalizeServer, Journey]]:
    """A server that may be stopped, and a journey on it."""
    server = PersonalizeServer(tmp_path / "data", s3_endpoint, ("--jobs", "2")).start()
    yield server, Journey(server.client(), s3, "jobs-in-a-row")
    server.stop()


@pytest.mark.prove
def test_deletions_and_imports_of_a_group_count_one_after_the_other(
    alone: tuple[PersonalizeServer, Journey],
) -> None:
    server, journey = alone
    group = journey.group()
    dataset = journey.dataset(group, "Users")
    assert journey.import_csv(dataset, users_csv(9))["status"] == "ACTIVE"
    files = {user: journey.put(f"forget/{user}.csv", f"USER_ID\n{user}\n") for user in ("u1", "u2", "u3")}
    more = {run: journey.put(f"{run}.csv", f"USER_ID,AGE,GENDER\nu1,{run},f\n") for run in ("97", "98")}

    def imported(run: str) -> None:
        clockwork.call(
            "CreateDatasetImportJob",
            **{"jobName": f"more-{run}", "datasetArn": dataset, "roleArn": ROLE, "importMode": "INCREMENTAL"},
            dataSource={"dataLocation": more[run]},
        )

    server.stop()
    with Clockwork(server.data) as clockwork:
        clockwork.now = time.time()
        imported("97")
        jobs = [
            clockwork.call(
                "CreateDataDeletionJob",
                **{"jobName": f"forget-{user}", "datasetGroupArn": group, "roleArn": ROLE},
                dataSource={"dataLocation": location},
            )
            for user, location in files.items()
        ]
        imported("98")
    server.start()

    def deletion(job: dict[str, str]) -> tuple[str, int]:
        describe = journey.personalize.describe_data_deletion_job
        found = settled(lambda: describe(**job)["dataDeletionJob"])
        return found["status"], found["numDeleted"]

    assert [deletion(job) for job in jobs] == [("COMPLETED", 2), ("COMPLETED", 1), ("COMPLETED", 1)]
    for job in journey.personalize.list_dataset_import_jobs()["datasetImportJobs"]:
        assert journey.imported(job["datasetImportJobArn"])["status"] == "ACTIVE"
    left = [row.split(",")[:2] for row in exported_rows(journey, dataset)]
    assert left == [["u0", "20"], *([f"u{user}", f"{20 + user}"] for user in range(4, 9)), ["u1", "98"]]


def test_metric_attributions_are_kept_and_changed(journey: Journey) -> None:
    api, group = journey.personalize, journey.group()
    metric = {"eventType": "view", "metricName": "views", "expression": "SAMPLECOUNT()"}
    output = {"roleArn": ROLE, "s3DataDestination": {"path": f"s3://{BUCKET}/metrics/"}}
    made = {"datasetGroupArn": group, "metrics": [metric], "metricsOutputConfig": output}
    arn = api.create_metric_attribution(name=journey.name, **made)["metricAttributionArn"]
    with pytest.raises(ClientError) as caught:
        api.create_metric_attribution(name=f"{journey.name}-2", **made)
    assert caught.value.response["Error"]["Code"] == "LimitExceededException"
    more = {**metric, "metricName": "likes", "eventType": "like"}
    api.update_metric_attribution(metricAttributionArn=arn, addMetrics=[more], removeMetrics=["views"])
    assert api.list_metric_attribution_metrics(metricAttributionArn=arn)["metrics"] == [more]
    api.delete_metric_attribution(metricAttributionArn=arn)
    [going] = api.list_metric_attributions(datasetGroupArn=group)["metricAttributions"]
    assert going["status"] == "DELETE IN_PROGRESS"
    assert api.list_metric_attributions(datasetGroupArn=group)["metricAttributions"] == []
