"""What calls to the Personalize server take where there is little and where there is much, and a start."""

import argparse
import statistics
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.personalize_server.support.journey import interactions_csv, items_csv
from tests.personalize_server.support.model_requests import call
from tests.personalize_server.support.processes import PersonalizeServer
from tests.personalize_server.support.world import BUCKET, QUOTAS, World, fresh_name

_CALLS = 100
_USERS = 200
_ROOM = ("--quota=dataset_groups=1000000",)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--groups", type=int, default=10_000)
    parser.add_argument("--versions", type=int, default=100)
    parser.add_argument("--campaigns", type=int, default=10, help="of each version")
    parser.add_argument("--items", type=int, default=1000, help="of the catalogue that they recommend from")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="growth-") as folder:
        (Path(folder) / "objects" / BUCKET).mkdir(parents=True)
        options = ("--file-root", str(Path(folder) / "objects"), *QUOTAS, *_ROOM)
        server = PersonalizeServer(Path(folder) / "data", None, options).start()
        try:
            _calls(server.url, asked.groups)
            _restart(server, Path(folder) / "objects" / BUCKET, asked)
        finally:
            server.stop()
    return 0


def _calls(url: str, groups: int) -> None:
    made = _grown(url, 0, _CALLS)
    few = _timed(url)
    _grown(url, made, groups)
    many = _timed(url)
    print(f"| call | ms at {_CALLS} groups | ms at {groups:,} | ratio |\n|---|---|---|---|")
    for name, before in few.items():
        print(f"| {name} | {before * 1000:.2f} | {many[name] * 1000:.2f} | {many[name] / before:.2f} |")


def _grown(url: str, made: int, groups: int) -> int:
    for number in range(made, groups):
        assert call(url, "CreateDatasetGroup", {"name": f"group-{number}"}).status == 200
    return groups


def _timed(url: str) -> dict[str, float]:
    """Medians, in seconds."""
    arn = "arn:aws:personalize:us-east-1:123456789012:dataset-group/group-7"
    calls: dict[str, Callable[[], int]] = {
        "CreateDatasetGroup": lambda: call(url, "CreateDatasetGroup", {"name": fresh_name()}).status,
        "DescribeDatasetGroup": lambda: call(url, "DescribeDatasetGroup", {"datasetGroupArn": arn}).status,
        "ListDatasetGroups": lambda: call(url, "ListDatasetGroups", {"maxResults": 100}).status,
    }
    found = {}
    for name, ask in calls.items():
        taken = []
        for _ in range(_CALLS):
            started = time.perf_counter()
            assert ask() == 200
            taken.append(time.perf_counter() - started)
        found[name] = statistics.median(taken)
    return found


def _restart(server: PersonalizeServer, objects: Path, asked: argparse.Namespace) -> None:
    world = World(server.url, objects)
    (objects / "Interactions.csv").write_text(interactions_csv(_USERS, asked.items))
    (objects / "Items.csv").write_text(items_csv(asked.items))
    assert world.datasets
    for _ in range(asked.versions):
        version = world.new_version("aws-user-personalization-v2")
        made = [world.new_campaign(version) for _ in range(asked.campaigns)]
        world.do("GetRecommendations", campaignArn=made[0], userId="u1")
    server.stop()
    started = time.perf_counter()
    server.start()
    while _ready(server.url) != 200:
        time.sleep(0.05)
    seconds = time.perf_counter() - started
    assert server.process is not None
    family = [process := psutil.Process(server.process.pid), *process.children(recursive=True)]
    memory = sum(one.memory_full_info().pss for one in family) / 1e6
    print(
        f"\n{asked.versions} versions x {asked.campaigns} campaigns, {asked.items:,} items: "
        f"ready {seconds:.1f} s after the start, {memory:.0f} MB"
    )


def _ready(url: str) -> int:
    """The status of /ready."""
    try:
        with urllib.request.urlopen(f"{url}/ready", timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as problem:
        with problem:
            return problem.code


if __name__ == "__main__":
    sys.exit(main())
