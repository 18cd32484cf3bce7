"""The server's figures for Prometheus."""

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from personalize_server.server.metrics import RequestMetrics
from tests.personalize_server.support.journey import Journey
from tests.personalize_server.support.processes import PersonalizeServer

_SAMPLE = re.compile(r'([a-z_]+)\{((?:[a-z]+="[^"]*",?)+)\} ([0-9.e+-]+)')


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[PersonalizeServer]:
    running = PersonalizeServer(tmp_path / "data", "http://127.0.0.1:9").start()
    yield running
    running.stop()


def samples(server: PersonalizeServer) -> dict[str, float]:
    """By name and labels; every line is a comment or a sample."""
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=10) as answer:
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        lines = answer.read().decode().splitlines()
    found = {}
    for line in lines:
        if not line.startswith("# "):
            match = _SAMPLE.fullmatch(line)
            assert match, line
            found[f"{match[1]}{{{match[2]}}}"] = float(match[3])
    return found


def test_requests_are_counted_by_operation_and_code_and_timed(fresh: PersonalizeServer) -> None:
    personalize = fresh.client()
    for _ in range(3):
        personalize.list_schemas()
    with pytest.raises(ClientError):
        personalize.describe_schema(schemaArn="arn:aws:personalize:eu-west-1:123456789012:schema/none")
    figures = samples(fresh)
    count = "personalize_requests_total"
    assert figures[f'{count}{{operation="ListSchemas",code="OK"}}'] == 3
    assert figures[f'{count}{{operation="DescribeSchema",code="ResourceNotFoundException"}}'] == 1
    seconds = "personalize_request_seconds"
    assert figures[f'{seconds}_bucket{{operation="ListSchemas",le="+Inf"}}'] == 3
    assert figures[f'{seconds}_count{{operation="ListSchemas"}}'] == 3
    assert 0 < figures[f'{seconds}_sum{{operation="ListSchemas"}}'] < 10


def test_what_is_no_operation_is_counted_as_unknown(fresh: PersonalizeServer) -> None:
    for path in ("/a", "/b"):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(fresh.url + path, timeout=10)
        caught.value.close()
    name = 'personalize_requests_total{operation="unknown",code="UnknownOperationException"}'
    assert samples(fresh)[name] == 2


def test_buckets_are_cumulative_and_include_their_bound() -> None:
    metrics = RequestMetrics()
    for seconds in (0.0001, 0.001, 0.0011, 99.0):
        metrics.answered("PutEvents", "OK", seconds)
    lines = [line for line in metrics.lines() if "_bucket" in line]
    assert [line.rpartition(" ")[2] for line in lines] == ["2", *["3"] * 11, "4"]


def test_answers_of_all_processes_are_added_up_by_campaign() -> None:
    total = RequestMetrics()
    for arns in (("a", "b"), ("a",)):
        process = RequestMetrics()
        for arn in arns:
            process.answered_from(arn, "GetRecommendations")
        total.add(process.snapshot())
    samples_of = [line for line in total.lines_by_arn() if not line.startswith("#")]
    name = "personalize_answers_total"
    assert samples_of == [
        f'{name}{{arn="a",operation="GetRecommendations"}} 2',
        f'{name}{{arn="b",operation="GetRecommendations"}} 1',
    ]


def test_jobs_are_counted_by_kind_and_state(fresh: PersonalizeServer) -> None:
    journey = Journey(fresh.client(), None, "counted")
    journey.start_import(journey.dataset(journey.group()), "s3://nowhere/interactions.csv")
    jobs = {name: count for name, count in samples(fresh).items() if name.startswith("personalize_jobs")}
    assert sum(jobs.values()) == 1
    [name] = jobs
    assert re.fullmatch(
        r'personalize_jobs\{kind="DatasetImportJob",state="(queued|running|failed)"\}', name
    ), name
