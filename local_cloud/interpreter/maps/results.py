"""ResultWriter: what the child executions of a Distributed Map answered, as files in S3 with a manifest."""

import json
from typing import Any

from local_cloud.ground.times import iso_text
from local_cloud.interpreter.maps.children import Child

_STATUSES = ("FAILED", "PENDING", "SUCCEEDED")


def _entry(child: Child) -> dict[str, Any]:
    """A result file's entry; input and output are JSON text in JSON."""
    entry: dict[str, Any] = {
        "ExecutionArn": child.arn,
        "Input": json.dumps(child.input),
        "InputDetails": {"Included": True},
        "Name": child.name,
        "StateMachineArn": child.machine,
        "Status": child.status,
    }
    if child.started and child.stopped:
        entry |= {"StartDate": iso_text(child.started), "StopDate": iso_text(child.stopped)}
    if child.succeeded:
        entry |= {"Output": json.dumps(child.output), "OutputDetails": {"Included": True}}
    if child.failed:
        entry |= {"Error": child.error, "Cause": child.cause}
    return entry


def write(s3: Any, target: dict[str, str], record: Any, children: list[Child]) -> dict[str, Any]:
    """Write to s3://Bucket/Prefix/<map run>/ and return the state's result, which names the manifest."""
    folder = "/".join(filter(None, [target.get("Prefix", "").rstrip("/"), record.map_run_arn.split(":")[-1]]))
    files: dict[str, list[dict[str, Any]]] = {status: [] for status in _STATUSES}
    for status in _STATUSES:
        entries = [_entry(child) for child in children if child.status == status]
        if entries:
            key, body = f"{folder}/{status}_0.json", json.dumps(entries).encode()
            s3.put_object(Bucket=target["Bucket"], Key=key, Body=body)
            files[status].append({"Key": key, "Size": len(body)})
            record.execution_counter.results_written.count(len(entries))
    manifest = {"DestinationBucket": target["Bucket"], "MapRunArn": record.map_run_arn, "ResultFiles": files}
    key = f"{folder}/manifest.json"
    s3.put_object(Bucket=target["Bucket"], Key=key, Body=json.dumps(manifest).encode())
    details = {"Bucket": target["Bucket"], "Key": key}
    return {"MapRunArn": record.map_run_arn, "ResultWriterDetails": details}
