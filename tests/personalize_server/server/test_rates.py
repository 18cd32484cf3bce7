"""Requests per second: counted over all processes of a server, each kind for itself."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from personalize_server import cli
from personalize_server.facts.errors import Throttled
from personalize_server.facts.rates import NO_LIMITS, SERVICE_RATES, Rates
from personalize_server.server.rate_limit import RateLimit
from personalize_server.server.shared_buckets import SharedBuckets
from personalize_server.state.context import Caller
from tests.personalize_server.support.journey import schema_text
from tests.personalize_server.support.processes import REGION, PersonalizeServer

WHO = Caller("123456789012", "eu-west-1")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def two(tmp_path: Path, clock: Clock) -> Iterator[tuple[SharedBuckets, SharedBuckets]]:
    """As two processes have them."""
    both = SharedBuckets(tmp_path / "buckets", clock), SharedBuckets(tmp_path / "buckets", clock)
    yield both
    for buckets in both:
        buckets.close()


def test_two_processes_take_from_one_bucket(two: tuple[SharedBuckets, SharedBuckets], clock: Clock) -> None:
    taken = [two[number % 2].take([("a", 10)]) for number in range(12)]
    assert taken == [True] * 10 + [False] * 2
    clock.now += 0.35
    assert [two[number % 2].take([("a", 10)]) for number in range(5)] == [True] * 3 + [False] * 2


def test_what_one_bucket_refuses_is_taken_from_none(
    two: tuple[SharedBuckets, SharedBuckets], clock: Clock
) -> None:
    first = two[0]
    assert first.take([("small", 1)])
    for _ in range(20):
        assert not first.take([("large", 10), ("small", 1)])
    assert [first.take([("large", 10)]) for _ in range(11)] == [True] * 10 + [False]


def test_many_names_do_not_free_a_bucket_that_is_empty(
    two: tuple[SharedBuckets, SharedBuckets], clock: Clock
) -> None:
    assert two[0].take([("asked often", 0.01)])
    for number in range(5000):
        two[0].take([(f"tracker {number}", 1000)])
        clock.now += 0.001
    assert not two[1].take([("asked often", 0.01)])


@given(st.lists(st.floats(0, 3), max_size=60), st.sampled_from([0.5, 1, 3, 10]))
def test_no_more_than_a_burst_and_what_has_flowed_in_is_ever_given(
    tmp_path_factory: pytest.TempPathFactory, pauses: list[float], rate: float
) -> None:
    clock = Clock()
    buckets = SharedBuckets(tmp_path_factory.mktemp("buckets") / "b", clock)
    given_ = 0
    for pause in pauses:
        clock.now += pause
        given_ += buckets.take([("a", rate)])
    buckets.close()
    assert given_ <= max(rate, 1) + sum(pauses) * rate + 1e-6
    assert given_ >= min(len(pauses), 1)


def _asked(limit: RateLimit, operation: str, request: dict[str, Any], times: int) -> int:
    """How many of so many requests got through."""
    passed = 0
    for _ in range(times):
        try:
            limit.check_data(operation, WHO, request)
            passed += 1
        except Throttled:
            pass
    return passed


def test_the_services_figures_hold_for_campaigns_accounts_and_groups(
    two: tuple[SharedBuckets, SharedBuckets],
) -> None:
    limit = RateLimit(SERVICE_RATES, two[0])
    passed = [_asked(limit, "GetRecommendations", {"campaignArn": f"c{n}"}, 600) for n in range(6)]
    assert passed == [500, 500, 500, 500, 500, 0], "2,500 of an account, 500 of a campaign"
    assert _asked(limit, "PutEvents", {"trackingId": "t"}, 1100) == 1000
    assert _asked(limit, "PutEvents", {"trackingId": "another"}, 1100) == 1000
    for operation in ("PutItems", "PutUsers", "PutActions"):
        assert _asked(limit, operation, {"datasetArn": "d"}, 20) == 10


def test_what_has_no_limit_is_not_counted(two: tuple[SharedBuckets, SharedBuckets]) -> None:
    limit = RateLimit(Rates(put_users=1), two[0])
    assert _asked(limit, "PutItems", {"datasetArn": "d"}, 50) == 50
    assert _asked(limit, "GetRecommendations", {"campaignArn": "c"}, 50) == 50
    assert _asked(limit, "PutUsers", {"datasetArn": "d"}, 50) == 1


def test_limits_are_the_services_when_times_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[Any] = []
    monkeypatch.setattr(cli, "serve", started.append)
    common = ["serve", "--data", str(tmp_path), "--no-auth"]
    cli.main(common)
    cli.main([*common, "--timing", "realistic"])
    cli.main([*common, "--timing", "realistic", "--limit", "campaign=7", "--rate-limit", "0"])
    assert [options.rates for options in started] == [
        NO_LIMITS,
        SERVICE_RATES,
        SERVICE_RATES.with_changes({"campaign": 7, "control": 0}),
    ]
    with pytest.raises(SystemExit):
        cli.main([*common, "--limit", "put_event=7"])
    assert "unknown limit put_event; known: control, runtime, campaign" in capsys.readouterr().err


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[PersonalizeServer]:
    options = ("--workers", "2", "--rate-limit", "0.001", "--limit", "put_users=2", "--limit", "put_events=3")
    server = PersonalizeServer(tmp_path / "data", None, options).start()
    yield server
    server.stop()


def _fresh(server: PersonalizeServer, service: str) -> Any:
    """A client with a connection of its own, so that any of the processes may answer."""
    session = boto3.session.Session("test", "test", region_name=REGION)
    config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
    return session.client(service, endpoint_url=server.url, config=config)


def _codes(ask: Callable[[], Any], times: int) -> list[str]:
    codes = []
    for _ in range(times):
        try:
            ask()
            codes.append("OK")
        except ClientError as refused:
            codes.append(refused.response["Error"]["Code"])
    return codes


@pytest.mark.prove
def test_a_limit_holds_for_all_processes_together(pair: PersonalizeServer) -> None:
    started = time.monotonic()
    codes = _codes(lambda: _fresh(pair, "personalize").list_schemas(), 16)
    assert codes[0] == "OK"
    assert codes.count("OK") <= 1 + 0.001 * (time.monotonic() - started)
    assert set(codes) == {"OK", "ThrottlingException"}
    assert _codes(lambda: _fresh(pair, "personalize").list_solutions(), 1) == ["OK"], "each on its own"


@pytest.mark.prove
def test_records_put_one_by_one_are_limited_by_dataset(
    pair: PersonalizeServer,
) -> None:
    api = _fresh(pair, "personalize")
    group = api.create_dataset_group(name="g")["datasetGroupArn"]
    schema = api.create_schema(name="s", schema=schema_text("Users"))["schemaArn"]
    named = {"name": "d", "schemaArn": schema, "datasetGroupArn": group}
    dataset = api.create_dataset(datasetType="Users", **named)["datasetArn"]
    numbers = iter(range(100))

    def put() -> None:
        user = {"userId": f"u{next(numbers)}", "properties": '{"age": 1}'}
        _fresh(pair, "personalize-events").put_users(datasetArn=dataset, users=[user])

    started = time.monotonic()
    codes = _codes(put, 20)
    assert codes[0] == "OK"
    assert codes.count("OK") <= 2 + 2 * (time.monotonic() - started)
