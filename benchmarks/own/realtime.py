"""The function of the variant `own` that answers in real time: warm, just started, and how much memory.

    python -m benchmarks.own.realtime [--size 74000x4182x1970000] [--algorithm hybrid] [--requests 2000]
                                      [--folder FOLDER]

The whole handler in a process of its own without SciPy and implicit, against moto's S3 and DynamoDB on this
machine: "start" is from the process's start to the first answer (Python, NumPy, boto3, the model from S3,
checked). Warm requests bring three events; "tracked" ones also read the newest from the table: most of their
time is moto's. A folder that is given is filled once and used again.
"""

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from benchmarks.own.shop import trained, write
from pipeline import keys
from pipeline.generations import Generations

_RUN = "20270101T000000000"
_BUCKET, _TABLE = "models", "recs-bench-serving"
_CHILD = Path(__file__).with_name("realtime_process.py")
_ENVIRONMENT = {
    **{"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "eu-west-1"},
    **{"STAGE": "bench", "USER_CLAIM": "sub", "POWERTOOLS_SERVICE_NAME": "bench"},
    **{"SERVING_TABLE": _TABLE, "TRACKING_TABLE": "recs-bench-tracking", "DATA_BUCKET": _BUCKET},
    **{"REALTIME_USE_CASE": "shop", "POWERTOOLS_TRACE_DISABLED": "1"},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--size", default="74000x4182x1970000", metavar="USERSxITEMSxEVENTS")
    parser.add_argument("--algorithm", default="hybrid")
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        record = folder / "trained.json"
        if not record.exists():
            folder.mkdir(parents=True, exist_ok=True)
            write(folder, *map(int, options.size.split("x")))
            record.write_text(json.dumps(trained(folder, options.algorithm)), encoding="utf-8")
        model = json.loads(record.read_text(encoding="utf-8"))
        measure(folder, model, options.requests, options.starts)


def measure(folder: Path, model: dict[str, Any], requests: int, starts: int) -> None:
    os.environ |= _ENVIRONMENT
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = {"AWS_ENDPOINT_URL": f"http://{host}:{port}"}
    os.environ |= endpoint
    try:
        _publish(folder, model)
        found = {tracked: _run(folder, requests, tracked) for tracked in ("untracked", "tracked")}
        begun = [*found.values(), *(_run(folder, 1, "untracked") for _ in range(starts - 2))]
    finally:
        server.stop()
    megabytes = model["bytes"] / (1 << 20)
    print(f"model {megabytes:.0f} MB, {requests} requests of each kind, milliseconds")
    for name, one in found.items():
        print(f"{name:>10}: in real time {one['live']}, p50 {one['p50']:.2f}, p99 {one['p99']:.2f}, ", end="")
        print(f"processor time of the median {one['cpu50']:.2f}, of the 99th percentile {one['cpu99']:.2f}")
    starting = (f"{one['start']:.2f} (processor time {one['start_cpu']:.2f})" for one in begun)
    print(f"start, seconds: {', '.join(starting)}")
    one = found["tracked"]
    print(f"resident MB {one['resident']:.0f}, of which mapped from the file {one['mapped']:.0f}")


def _publish(folder: Path, model: dict[str, Any]) -> None:
    s3, dynamodb = boto3.client("s3"), boto3.client("dynamodb")
    s3.create_bucket(Bucket=_BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.upload_file(str(folder / model["modelKey"]), _BUCKET, model["modelKey"])
    chosen = {"generation": _RUN, "modelKey": model["modelKey"], "modelDigest": model["modelDigest"]}
    s3.put_object(Bucket=_BUCKET, Key=keys.last_good("shop", "own"), Body=json.dumps(chosen))
    for table in (_TABLE, _ENVIRONMENT["TRACKING_TABLE"]):
        dynamodb.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        )
    generations = Generations(dynamodb, _TABLE, "shop", "own")
    generations.store(_RUN, ["popular"], users=1, expires=4_000_000_000)
    generations.publish(_RUN, users=1)


def _run(folder: Path, requests: int, tracked: str) -> dict[str, float]:
    own = str(folder / "own.jsonl")
    command = [sys.executable, str(_CHILD), own, str(requests), tracked, str(time.time())]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
