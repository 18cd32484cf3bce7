"""A backup of a working server is a folder to serve from; folders of older servers are brought forward."""

import errno
import os
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from personalize_server.state import backup
from personalize_server.state.proof import Unproven, proved
from personalize_server.state.store import Store
from tests.personalize_server.support.folders import add, options_of, served
from tests.personalize_server.support.journey import ROLE, settled
from tests.personalize_server.support.processes import ROOT, PersonalizeServer
from tests.personalize_server.support.world import BUCKET, QUOTAS, World, fresh_name

OLDER = Path(__file__).parent / "data" / "personalize_state_version_2.tar.xz"


def server_on(folder: Path, name: str) -> PersonalizeServer:
    objects = folder / "objects"
    (objects / BUCKET).mkdir(parents=True, exist_ok=True)
    return PersonalizeServer(folder / name, None, ("--file-root", str(objects), *QUOTAS)).start()


def back_up(data: Path, target: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "personalize_server", "backup", "--data", str(data), "--to", str(target)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.fixture
def working(tmp_path: Path) -> Iterator[tuple[PersonalizeServer, World, list[str]]]:
    """A server that takes events and replaces data all the time; what went wrong with that."""
    server = server_on(tmp_path, "data")
    world, problems, over = World(server.url, tmp_path / "objects" / BUCKET), list[str](), threading.Event()
    assert world.campaign and world.filter and world.tracker

    def again_and_again(work: Any) -> None:
        try:
            while not over.is_set():
                work()
        except Exception as problem:
            problems.append(repr(problem))

    def track() -> None:
        event = {"eventType": "view", "sentAt": 1_750_000_000, "itemId": "i7"}
        tracker = world.tracker["trackingId"]
        world.do("PutEvents", trackingId=tracker, sessionId="s", userId="u40", eventList=[event])

    def replace() -> None:
        world.new_import(world.datasets["Users"], "Users")

    threads = [threading.Thread(target=again_and_again, args=(work,)) for work in (track, replace)]
    for thread in threads:
        thread.start()
    yield server, world, problems
    over.set()
    for thread in threads:
        thread.join()
    server.stop()


@pytest.mark.prove
def test_a_backup_of_a_working_server_answers_as_the_server_does(
    working: tuple[PersonalizeServer, World, list[str]], tmp_path: Path
) -> None:
    server, world, problems = working
    events = [
        {"eventType": "view", "sentAt": 1_760_000_000 + number, "itemId": f"i{number}"} for number in range(9)
    ]
    tracker = world.tracker["trackingId"]
    world.do("PutEvents", trackingId=tracker, sessionId="t", userId="u1", eventList=events)
    questions: list[dict[str, Any]] = [
        {"campaignArn": world.campaign, "userId": "u0"},
        {"campaignArn": world.campaign, "userId": "u1", "filterArn": world.filter, "numResults": 80},
    ]
    answers = [world.do("GetRecommendations", **question)["itemList"] for question in questions]
    group = world.do("DescribeDatasetGroup", datasetGroupArn=world.group)

    ended = back_up(server.data, tmp_path / "copy")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert not problems

    restored = server_on(tmp_path, "copy")
    try:
        world.url = restored.url
        assert [world.do("GetRecommendations", **question)["itemList"] for question in questions] == answers
        assert world.do("DescribeDatasetGroup", datasetGroupArn=world.group) == group
        name = fresh_name()
        made = world.do(
            "CreateDatasetExportJob",
            **{"jobName": name, "datasetArn": world.datasets["Interactions"], "roleArn": ROLE},
            **world.export(),
        )
        world.settled("DescribeDatasetExportJob", **made)
        text = (world.objects / "exports" / name / "part-00000.csv").read_text()
        assert all(str(event["sentAt"]) in text for event in events)
        world.new_import(world.datasets["Users"], "Users")
    finally:
        world.url = server.url
        restored.stop()


def test_a_backup_says_what_is_in_its_way(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    (tmp_path / "data").mkdir()
    assert "is not the data folder of a server" in back_up(tmp_path / "data", tmp_path / "to").stderr
    (tmp_path / "data" / "state.sqlite3").touch()
    assert "full is not empty" in back_up(tmp_path / "data", tmp_path / "full").stderr


@pytest.fixture
def kept_folder(tmp_path: Path) -> Path:
    """Of a server that has ended, with two datasets."""
    data = tmp_path / "kept"
    data.mkdir()
    with proved(options_of(data)), closing(Store(options_of(data).state_file)) as store:
        for name in ("first", "second"):
            add(data, store, name)
    return data


def test_what_is_damaged_is_named_and_all_else_is_in_the_backup(kept_folder: Path, tmp_path: Path) -> None:
    (kept_folder / "datasets" / "first" / "ID.values").write_text("other")
    shutil.rmtree(kept_folder / "datasets" / "second")
    ended = back_up(kept_folder, tmp_path / "copy")
    assert ended.returncode == 1
    assert "datasets/first is damaged (ID.values: 5 bytes instead of 0)" in ended.stderr
    assert "datasets/second is missing" in ended.stderr
    assert served(tmp_path / "copy") == ["first", "second"]


def test_a_damaged_state_is_not_copied_as_if_it_were_sound(kept_folder: Path, tmp_path: Path) -> None:
    state = kept_folder / "state.sqlite3"
    content = bytearray(state.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    state.write_bytes(content)
    ended = back_up(kept_folder, tmp_path / "copy")
    assert ended.returncode == 2 and f"{state} " in ended.stderr
    assert not (tmp_path / "copy" / "state.sqlite3").exists()


def test_a_backup_has_its_state_once_every_file_of_it_is_on_disk(
    kept_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced, rename, fsync = set[int](), Path.rename, os.fsync

    def noted(descriptor: int) -> None:
        fsync(descriptor)
        synced.add(os.fstat(descriptor).st_ino)

    def checked(source: Path, target: Path) -> Path:
        if target == tmp_path / "copy" / "state.sqlite3":
            entries = [target.parent, *target.parent.rglob("*")]
            assert {entry.stat().st_ino for entry in entries} <= synced
            synced.clear()
        return rename(source, target)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(Path, "rename", checked)
    backup.back_up(kept_folder, tmp_path / "copy")
    assert (tmp_path / "copy").stat().st_ino in synced, "its name too"


def test_a_backup_that_was_cut_off_is_not_served(
    kept_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_folder: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(backup, "sync_tree", full)
        with pytest.raises(OSError, match="No space"):
            backup.back_up(kept_folder, tmp_path / "copy")
    with pytest.raises(Unproven, match="has 2 datasets"):
        served(tmp_path / "copy")


def test_the_state_of_an_older_server_is_brought_forward(tmp_path: Path) -> None:
    """Left behind by kill -9 of a server of state version 2, with a training queued."""
    with tarfile.open(OLDER) as archive:
        # Python 3.11 before 3.11.4 knows no filter.
        safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        archive.extractall(tmp_path / "data", **safely)  # type: ignore[arg-type]
    server = server_on(tmp_path, "data")
    try:
        world = World(server.url, tmp_path / "objects" / BUCKET)
        account = "arn:aws:personalize:eu-west-1:123456789012"
        api, runtime = server.client(), server.client("personalize-runtime")
        group = f"{account}:dataset-group/older"
        [tag] = api.list_tags_for_resource(resourceArn=group)["tags"]
        assert (tag["tagKey"], tag["tagValue"]) == ("team", "search")
        campaign = f"{account}:campaign/older"
        items = {
            user: [
                entry["itemId"]
                for entry in runtime.get_recommendations(campaignArn=campaign, userId=user)["itemList"]
                if entry.get("reason") != ["Exploration"]
            ]
            for user in ("u0", "u1")
        }
        assert all(int(item[1:]) >= 20 for item in items["u0"][:15]), "u0 is of the upper half's camp"
        allowed = runtime.get_recommendations(
            campaignArn=campaign, userId="u1", filterArn=f"{account}:filter/older", numResults=40
        )["itemList"]
        assert not {entry["itemId"] for entry in allowed} & {f"i{number}" for number in range(10)}
        alike = runtime.get_recommendations(campaignArn=f"{campaign}-sims", itemId="i3", numResults=10)
        assert all(int(entry["itemId"][1:]) < 20 for entry in alike["itemList"])
        job = {"jobName": "all", "datasetArn": f"{account}:dataset/older/INTERACTIONS", "roleArn": ROLE}
        made = api.create_dataset_export_job(**job, ingestionMode="PUT", **world.export())[
            "datasetExportJobArn"
        ]
        describe_export = api.describe_dataset_export_job
        export = settled(lambda: describe_export(datasetExportJobArn=made)["datasetExportJob"])
        assert export["status"] == "ACTIVE", export
        rows = (world.objects / "exports" / "all" / "part-00000.csv").read_text().splitlines()
        assert len(rows) == 1 + 11, "ten events of a user and one of a session"
        solution = api.describe_solution(solutionArn=f"{account}:solution/older")["solution"]
        newest = solution["latestSolutionVersion"]["solutionVersionArn"]
        describe = api.describe_solution_version
        ended = settled(lambda: describe(solutionVersionArn=newest)["solutionVersion"])
        assert ended["status"] == "ACTIVE", "what was queued has been trained"
    finally:
        server.stop()
