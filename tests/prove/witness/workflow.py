"""What one run of a workflow has left, told so that two clouds can be compared."""

import json
import re
from typing import Any

from tests.prove.witness.looking import Facts
from tests.prove.witness.readings import Clients
from tests.support.waiting import eventually

_RUN = re.compile(r"\d{8}T\d{9}")


def run(clients: Clients, machine: str) -> Facts:
    """Runs it, forced, to its end."""
    states = clients("stepfunctions")
    started = states.start_execution(
        stateMachineArn=machine, input=json.dumps({"force": True, "trigger": "schedule"})
    )
    arn = started["executionArn"]

    def ended() -> Any:
        described = states.describe_execution(executionArn=arn)
        return None if described["status"] == "RUNNING" else described

    described = eventually(ended, patience=300)
    pages = states.get_paginator("get_execution_history").paginate(executionArn=arn)
    entered = [
        event["stateEnteredEventDetails"]["name"]
        for page in pages
        for event in page["events"]
        if "stateEnteredEventDetails" in event
    ]
    return {
        ("Workflow", "execution"): {
            "status": described["status"],
            "output": _told(json.loads(described.get("output") or "null")),
            "error": described.get("error"),
            "cause": _told(described.get("cause")),
        },
        ("Workflow", "states"): {name: True for name in entered if not _of_waiting(name)},
    }


def left(clients: Clients, bucket: str, table: str, group: str) -> Facts:
    """Objects, items and resources of Personalize: their names, with the run's id as a word."""
    listed = clients("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
    scanned = clients("dynamodb").get_paginator("scan").paginate(TableName=table)
    personalize = clients("personalize")
    solutions = personalize.list_solutions(datasetGroupArn=group)["solutions"]
    versions = [
        version["status"]
        for solution in solutions
        for version in personalize.list_solution_versions(solutionArn=solution["solutionArn"])[
            "solutionVersions"
        ]
    ]
    imports = [
        (_told(job["jobName"]), job["status"])
        for dataset in personalize.list_datasets(datasetGroupArn=group)["datasets"]
        for job in personalize.list_dataset_import_jobs(datasetArn=dataset["datasetArn"])["datasetImportJobs"]
    ]
    return {
        ("Workflow", "objects"): {
            _told(entry["Key"]): True for page in listed for entry in page.get("Contents", ())
        },
        ("Workflow", "items"): {
            " ".join(_told(item[name]["S"]) for name in ("pk", "sk")): sorted(item)
            for page in scanned
            for item in page["Items"]
        },
        ("Workflow", "imports"): dict(imports),
        ("Workflow", "versions"): sorted(versions),
    }


def _told(value: Any) -> Any:
    return json.loads(_RUN.sub("<run>", json.dumps(value)))


def _of_waiting(name: str) -> bool:
    """How often a state looks whether a job is done is the machine's affair."""
    return name.startswith(("Wait", "Describe", "Is ", "Pause", "Try again"))
