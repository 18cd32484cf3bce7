"""Several processes answer for one server: what one is told all know, and one that dies is replaced."""

import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import psutil
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from personalize_server.server.request_worker import Supervised
from tests.personalize_server.support.journey import Journey
from tests.personalize_server.support.processes import REGION, PersonalizeServer
from tests.support.waiting import eventually

_SECONDS = 20


@pytest.fixture(scope="module")
def pair(s3_endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PersonalizeServer]:
    server = PersonalizeServer(tmp_path_factory.mktemp("pair") / "data", s3_endpoint, ("--workers", "2"))
    yield server.start()
    assert server.stop() == 0


@pytest.fixture(scope="module")
def campaign(pair: PersonalizeServer, s3: Any) -> dict[str, str]:
    journey = Journey(pair.client(), s3, "pair")
    group = journey.ready_to_train()
    version = journey.train(journey.solution(group))["solutionVersionArn"]
    api = journey.personalize
    return {
        "group": group,
        "campaignArn": api.create_campaign(name="pair", solutionVersionArn=version)["campaignArn"],
        "trackingId": api.create_event_tracker(name="pair", datasetGroupArn=group)["trackingId"],
    }


def workers(server: PersonalizeServer) -> list[psutil.Process]:
    """The processes that listen on the server's port."""
    assert server.process is not None
    family = psutil.Process(server.process.pid).children(recursive=True)
    return [process for process in family if len(process.net_connections("tcp")) and answers(process, server)]


def answers(process: psutil.Process, server: PersonalizeServer) -> bool:
    return any(there.laddr.port == server.port for there in process.net_connections("tcp"))


def fresh(server: PersonalizeServer, service: str) -> Any:
    """A client with a connection of its own, so that any of the workers may answer."""
    session = boto3.session.Session("test", "test", region_name=REGION)
    config = Config(retries={"total_max_attempts": 5})
    return session.client(service, endpoint_url=server.url, config=config)


def test_events_that_one_process_took_count_in_the_next_answer_of_each(
    pair: PersonalizeServer, campaign: dict[str, str]
) -> None:
    def listed(user: str) -> list[str]:
        runtime = fresh(pair, "personalize-runtime")
        answer = runtime.get_recommendations(campaignArn=campaign["campaignArn"], userId=user, numResults=5)
        return [entry["itemId"] for entry in answer["itemList"]]

    before = listed("newcomer")
    seen = [{"eventType": "view", "itemId": f"i{n}", "sentAt": time.time()} for n in range(45, 49)]
    fresh(pair, "personalize-events").put_events(
        trackingId=campaign["trackingId"], userId="newcomer", sessionId="s", eventList=seen
    )
    after = [listed("newcomer") for _ in range(12)]
    assert after[0] != before
    assert all(answer == after[0] for answer in after), "every process knows the events"


def test_a_name_is_given_once_however_many_ask_at_a_time(pair: PersonalizeServer) -> None:
    def create(_: int) -> str:
        try:
            fresh(pair, "personalize").create_dataset_group(name="wanted-by-many")
            return "made"
        except ClientError as refused:
            return str(refused.response["Error"]["Code"])

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(create, range(6)))
    assert sorted(outcomes) == ["ResourceAlreadyExistsException"] * 5 + ["made"]


def test_a_process_that_dies_is_replaced_and_the_server_answers_on(
    pair: PersonalizeServer, campaign: dict[str, str]
) -> None:
    before = workers(pair)
    assert len(before) == 2
    before[0].kill()
    runtime = fresh(pair, "personalize-runtime")
    for number in range(20):
        answer = runtime.get_recommendations(campaignArn=campaign["campaignArn"], userId=f"u{number}")
        assert len(answer["itemList"]) == 25
    until = time.monotonic() + _SECONDS
    while len(workers(pair)) < 2:
        assert time.monotonic() < until, "the dead process was not replaced"
        time.sleep(0.1)


@pytest.mark.parametrize("kills", [1, pytest.param(20, marks=pytest.mark.prove)])
def test_what_starts_processes_may_be_killed_while_others_answer_and_train(
    pair: PersonalizeServer, campaign: dict[str, str], s3: Any, kills: int
) -> None:
    answering = {process.pid for process in workers(pair)}
    journey = Journey(pair.client(), s3, f"killed-{kills}")
    solution = journey.solution(campaign["group"])
    runtime = fresh(pair, "personalize-runtime")
    for number in range(kills):
        version = journey.start_training(solution)
        for process in fork_servers(pair):
            process.kill()
        answer = runtime.get_recommendations(campaignArn=campaign["campaignArn"], userId=f"u{number}")
        assert len(answer["itemList"]) == 25
        assert journey.trained(version)["status"] == "ACTIVE"
        assert {process.pid for process in workers(pair)} == answering, "nobody had to be replaced"


def fork_servers(server: PersonalizeServer) -> list[psutil.Process]:
    """There is one as soon as a job begins. The job's own process is called the same, and is none."""
    assert server.process is not None
    family = psutil.Process(server.process.pid)

    def found() -> list[psutil.Process]:
        try:
            running = [one for one in family.children(recursive=True) if one.status() != psutil.STATUS_ZOMBIE]
            alike = {
                one.pid: one for one in running if "multiprocessing.forkserver" in " ".join(one.cmdline())
            }
            return [one for one in alike.values() if one.ppid() not in alike]
        except psutil.NoSuchProcess:
            return []

    return list(eventually(found))


@pytest.mark.prove
def test_what_all_processes_did_is_counted(pair: PersonalizeServer, campaign: dict[str, str]) -> None:
    import re
    import urllib.request

    def counted() -> int:
        with urllib.request.urlopen(f"{pair.url}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        found = re.findall(r'requests_total\{operation="ListRecipes",code="OK"[^}]*\} (\d+)', text)
        return sum(map(int, found))

    before = counted()
    for _ in range(16):
        fresh(pair, "personalize").list_recipes()
    until = time.monotonic() + _SECONDS
    while counted() < before + 16:
        assert time.monotonic() < until, "requests of another process are missing"
        time.sleep(0.2)
    assert counted() == before + 16


def test_one_whose_supervisor_was_killed_still_answers_that_what_it_did_is_done() -> None:
    bell, rung = multiprocessing.Pipe(duplex=False)
    bell.close()
    with rung:
        Supervised(rung).wake()
