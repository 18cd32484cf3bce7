"""The Personalize server's memory while it imports a large dataset, sampled over time.

python -m benchmarks.personalize_import [--rows 10000000] [--users 500000] [--items 50000]

The CSV lies in a folder that plays S3. Resident memory is that of the server and of the process that imports
(without what they share), with the rows that have been written to disk by then.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import psutil

ROOT = Path(__file__).parents[1]
REGION = "eu-west-1"
ROLE = "arn:aws:iam::123456789012:role/personalize"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
BLOCK = 500_000
FIELDS = {"USER_ID": "string", "ITEM_ID": "string", "TIMESTAMP": "long", "EVENT_TYPE": "string"}
MEGA = 1024 * 1024


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--users", type=int, default=500_000)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--every", type=float, default=2.0, help="seconds between samples")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bucket = Path(folder) / "objects" / "bucket"
        bucket.mkdir(parents=True)
        size = generate(bucket / "interactions.csv", options.rows, options.users, options.items)
        print(f"{options.rows:,} rows, {size / MEGA:,.0f} MB of CSV", flush=True)
        measure(Path(folder), options.rows, options.every)


def generate(path: Path, rows: int, users: int, items: int) -> int:
    rng = np.random.default_rng(0)
    kinds = np.array(["view", "like", "share"])
    with path.open("w") as file:
        file.write(",".join(FIELDS) + "\n")
        for start in range(0, rows, BLOCK):
            count = min(BLOCK, rows - start)
            columns = (
                (users * rng.random(count) ** 2).astype(np.int64).tolist(),
                (items * rng.random(count) ** 3).astype(np.int64).tolist(),
                range(1_700_000_000 + start, 1_700_000_000 + start + count),
                kinds[rng.integers(0, 3, count)].tolist(),
            )
            file.writelines(f"u{u},i{i},{t},{k}\n" for u, i, t, k in zip(*columns, strict=True))
    return path.stat().st_size


def measure(folder: Path, rows: int, every: float) -> None:
    command = [
        *(sys.executable, "-m", "personalize_server", "serve", "--port", "0", "--no-auth"),
        *("--data", str(folder / "data"), "--file-root", str(folder / "objects"), "--log-level", "warning"),
    ]
    server = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **CREDENTIALS}, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    try:
        url = server.stdout.readline().removeprefix("listening on ").strip()
        api: Any = boto3.session.Session("test", "test", region_name=REGION).client(
            "personalize", endpoint_url=url
        )
        job = start_import(api)
        status, peak, started = watch(api, job, server.pid, folder / "data", every)
        seconds = time.monotonic() - started
        print(f"{status} after {seconds:.1f} s, {rows / seconds:,.0f} rows/s; most memory {peak:,.0f} MB")
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


def start_import(api: Any) -> str:
    group = api.create_dataset_group(name="benchmark")["datasetGroupArn"]
    fields = [{"name": name, "type": kind} for name, kind in FIELDS.items()]
    schema = {"type": "record", "name": "Interactions", "namespace": "n", "fields": fields, "version": "1.0"}
    made = api.create_schema(name="benchmark", schema=json.dumps(schema))
    dataset = api.create_dataset(
        name="benchmark",
        schemaArn=made["schemaArn"],
        datasetGroupArn=group,
        datasetType="Interactions",
    )["datasetArn"]
    job = api.create_dataset_import_job(
        jobName="benchmark",
        datasetArn=dataset,
        dataSource={"dataLocation": "s3://bucket/interactions.csv"},
        roleArn=ROLE,
    )
    return str(job["datasetImportJobArn"])


def watch(api: Any, job: str, pid: int, data: Path, every: float) -> tuple[str, float, float]:
    """The job's last status, the most memory seen in MB, and when it began."""
    started, peak = time.monotonic(), 0.0
    print("   s  server MB  import MB      rows written", flush=True)
    while True:
        described = api.describe_dataset_import_job(datasetImportJobArn=job)["datasetImportJob"]
        server, importing = memory(pid)
        peak = max(peak, server + importing)
        written = sum(path.stat().st_size // 8 for path in data.glob("scratch/*/TIMESTAMP.bin"))
        elapsed = time.monotonic() - started
        print(f"{elapsed:4.0f}  {server:9,.0f}  {importing:9,.0f}  {written:16,}", flush=True)
        if not described["status"].endswith(("PENDING", "IN_PROGRESS")):
            return described["status"], peak, started
        time.sleep(every)


def memory(pid: int) -> tuple[float, float]:
    """Unique set sizes in MB of the server, and of all its descendants."""
    process = psutil.Process(pid)
    descendants = 0
    for child in process.children(recursive=True):
        try:
            descendants += child.memory_full_info().uss
        except psutil.NoSuchProcess:
            continue
    return process.memory_full_info().uss / MEGA, descendants / MEGA


if __name__ == "__main__":
    main()
