"""The weekly notifications of 13,000 users: killed halfway, redriven, and run once more in the same week.

python -m benchmarks.notifications [--users 13000]

On a local cloud of its own: function processes are killed (SIGKILL), the execution is stopped and redriven.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from local_cloud.ground.clients import client
from local_cloud.lifecycle import cloud as clouds
from local_cloud.lifecycle.cloud import Cloud
from local_cloud.machine.ports import PortTaken, require_free
from local_cloud.machine.progress import Progress
from local_cloud.machine.state import StateFolder
from tests.app.support import notification_audit as auditing
from tests.app.support.business.data import load

TRAINING, NOTIFYING = "recs-local-training-programs", "recs-local-weekly-programs"
_DEVICE_SHARE, _SUPPRESSED, _UNSUBSCRIBED = 0.05, 50, 50


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, default=13_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="notifications-") as folder:
        cloud = Cloud(StateFolder(Path(folder)), _free_port())
        try:
            clouds.up(cloud, Progress())
            measure(cloud, options.users)
        finally:
            clouds.down(cloud)


def measure(cloud: Cloud, users: int) -> None:
    load(cloud.database().dsn, users=users, programs=150, posts=50)
    expected = _prepare(cloud, random.Random(1))
    _published(cloud)
    begun = time.monotonic()
    killed = _run_killed_and_redriven(cloud)
    report(expected, auditing.received(cloud, expected), "after the redriven run", time.monotonic() - begun)
    begun = time.monotonic()
    again = auditing.start(cloud, NOTIFYING)
    second = _ended(cloud, again)
    report(expected, auditing.received(cloud, expected), "after a second run", time.monotonic() - begun)
    print(f"\nfunction processes killed with SIGKILL: {killed}")
    for channel, doubtful in auditing.uncertain(cloud).items():
        if doubtful:
            print(f"in doubt, not sent again: {channel}: {len(doubtful)}")
    print("the second run's own report:", json.dumps(second["report"]["totals"]))


def _prepare(cloud: Cloud, rng: random.Random) -> auditing.Eligible:
    rows = auditing.people(cloud)
    everyone = sorted(row["user"] for row in rows)
    devices = set(rng.sample(everyone, int(len(everyone) * _DEVICE_SHARE)))
    mailable = sorted((row["user"], row["email"]) for row in rows if row["mail"] and not row["active"])
    refused = rng.sample(mailable, min(len(mailable) // 2, _SUPPRESSED + _UNSUBSCRIBED))
    suppressed, unsubscribed = refused[: len(refused) // 2], refused[len(refused) // 2 :]
    auditing.register_devices(cloud, sorted(devices))
    auditing.suppress_addresses(cloud, (email for _, email in suppressed))
    auditing.unsubscribe_users(cloud, (user for user, _ in unsubscribed))
    return auditing.eligible(rows, devices=devices, no_mail={user for user, _ in refused})


def _published(cloud: Cloud) -> None:
    begun = time.monotonic()
    ended = _ended(cloud, auditing.start(cloud, TRAINING, force=True))
    print(f"trained and published for {ended['users']:,} users in {time.monotonic() - begun:.0f} s")


def _run_killed_and_redriven(cloud: Cloud) -> int:
    """Two kills before the stop, one with it, one after the redrive."""
    states = client(cloud.settings, "stepfunctions")
    execution = auditing.start(cloud, NOTIFYING)
    shards = _shards(cloud, execution)
    killed = 0
    for share in (0.15, 0.3):
        _wait_for(cloud, execution, int(shards * share))
        killed += auditing.kill_functions(cloud, 4)
    _wait_for(cloud, execution, shards // 2)
    states.stop_execution(executionArn=execution, error="Benchmark", cause="stopped halfway")
    killed += auditing.kill_functions(cloud, 100)
    done = auditing.shards_done(cloud, execution)
    print(f"stopped with {done} of {shards} shards done; {killed} function processes killed so far")
    states.redrive_execution(executionArn=execution)
    _wait_for(cloud, execution, int(shards * 0.75))
    killed += auditing.kill_functions(cloud, 4)
    output = _ended(cloud, execution)
    print(f"redriven: {output['outcome']}; its own report: {json.dumps(output['report']['totals'])}")
    return killed


def _shards(cloud: Cloud, execution: str) -> int:
    states = client(cloud.settings, "stepfunctions")
    while True:
        runs = states.list_map_runs(executionArn=execution)["mapRuns"]
        if runs:
            counts = states.describe_map_run(mapRunArn=runs[0]["mapRunArn"])["itemCounts"]
            if counts["total"]:
                return int(counts["total"])
        _still_running(cloud, execution)
        time.sleep(0.1)


def _wait_for(cloud: Cloud, execution: str, shards: int) -> None:
    while auditing.shards_done(cloud, execution) < shards:
        _still_running(cloud, execution)
        time.sleep(0.1)


def _still_running(cloud: Cloud, execution: str) -> None:
    described = client(cloud.settings, "stepfunctions").describe_execution(executionArn=execution)
    if described["status"] not in ("RUNNING", "SUCCEEDED"):
        raise SystemExit(f"the run ended {described['status']}: {described.get('cause')}")


def _ended(cloud: Cloud, execution: str) -> dict[str, Any]:
    states = client(cloud.settings, "stepfunctions")
    while (described := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
        time.sleep(0.2)
    if described["status"] != "SUCCEEDED":
        raise SystemExit(f"{described['status']}: {described.get('error')}: {described.get('cause')}")
    output: dict[str, Any] = json.loads(described["output"])
    return output


def report(expected: auditing.Eligible, got: dict[str, Any], when: str, seconds: float) -> None:
    print(f"\n{when} ({seconds:.0f} s)")
    print(f"{'':10}{'eligible':>10}{'once':>10}{'missing':>10}{'twice':>10}{'others':>10}")
    for channel, line in auditing.audit(expected, got).items():
        counts = (line.eligible, line.once, len(line.missing), len(line.twice), len(line.strangers))
        print(f"{channel:10}" + "".join(f"{count:>10,}" for count in counts), flush=True)


def _free_port() -> int:
    while True:
        first = random.randrange(20_000, 32_000)
        with suppress(PortTaken):
            require_free({str(port): port for port in range(first, first + 4)})
            return first


if __name__ == "__main__":
    main()
