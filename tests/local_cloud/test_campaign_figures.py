"""What campaigns have answered, from the Personalize server's figures into CloudWatch's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import Any

import pytest
from moto.cloudwatch.models import CloudWatchBackend

from local_cloud.alarms.campaigns import Answers
from local_cloud.alarms.definitions import Definition
from local_cloud.alarms.figures import Metric, Stat
from local_cloud.alarms.states import Rule
from personalize_server.server.metrics import RequestMetrics, exposition

WATCHED, OTHER = (
    f"arn:aws:personalize:eu-west-1:123456789012:campaign/{name}" for name in ("posts", "films")
)


@dataclass
class Figures:
    """Of a server that may begin to count anew: that text, as it says it."""

    metrics: RequestMetrics = field(default_factory=RequestMetrics)
    asked: int = 0

    def answer(self, campaign: str, times: int, operation: str = "GetRecommendations") -> None:
        for _ in range(times):
            self.metrics.answered("GetRecommendations", "OK", 0.001)
            self.metrics.answered_from(campaign, operation)

    def text(self) -> bytes:
        self.asked += 1
        return exposition([*self.metrics.lines(), *self.metrics.lines_by_arn()])


@pytest.fixture
def figures() -> Figures:
    return Figures()


@pytest.fixture
def address(figures: Figures) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path == "/metrics"
            self.send_response(200)
            self.end_headers()
            self.wfile.write(figures.text())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def cloudwatch() -> CloudWatchBackend:
    return CloudWatchBackend("eu-west-1", "123456789012")


def of_campaign(arn: str, operation: str = "GetRecommendations") -> Definition:
    metric = Metric("AWS/Personalize", operation, frozenset({("CampaignArn", arn)}))
    return Definition(
        rule=Rule(periods=1, alarming=1),
        comparison="LessThanThreshold",
        threshold=1,
        period=3600,
        stats={"asked": Stat(metric=metric, period=3600, statistic="Sum")},
        expressions={},
        watched="asked",
    )


def told(cloudwatch: CloudWatchBackend) -> list[tuple[str, str, float]]:
    """Since the last time."""
    data: list[Any] = [*cloudwatch.metric_data]
    found = [(datum.name, datum.dimensions[0].value, datum.value) for datum in data]
    assert {datum.namespace for datum in data} <= {"AWS/Personalize"}
    cloudwatch.metric_data.clear()
    return found


def test_answers_are_told_once_and_only_of_campaigns_that_an_alarm_looks_at(
    figures: Figures, address: str, cloudwatch: CloudWatchBackend
) -> None:
    answers = Answers(address, now=count(1).__next__)
    definitions = [of_campaign(WATCHED)]
    figures.answer(WATCHED, 3)
    figures.answer(OTHER, 5)
    figures.answer(WATCHED, 1, "GetPersonalizedRanking")

    answers.put(cloudwatch, definitions)
    assert told(cloudwatch) == [("GetRecommendations", WATCHED, 3.0)]
    answers.put(cloudwatch, definitions)
    assert told(cloudwatch) == []
    figures.answer(WATCHED, 2)
    answers.put(cloudwatch, [*definitions, of_campaign(WATCHED, "GetPersonalizedRanking")])
    assert told(cloudwatch) == [("GetRecommendations", WATCHED, 2.0)]


def test_a_server_that_counts_anew_is_believed(
    figures: Figures, address: str, cloudwatch: CloudWatchBackend
) -> None:
    answers = Answers(address, now=count(1).__next__)
    figures.answer(WATCHED, 7)
    answers.put(cloudwatch, [of_campaign(WATCHED)])
    figures.metrics = RequestMetrics()
    figures.answer(WATCHED, 2)
    answers.put(cloudwatch, [of_campaign(WATCHED)])

    assert [value for _, _, value in told(cloudwatch)] == [7.0, 2.0]


def test_a_server_is_asked_once_a_second_at_most_and_not_at_all_where_no_alarm_looks(
    figures: Figures, address: str, cloudwatch: CloudWatchBackend
) -> None:
    times = iter((10.0, 10.0, 10.5, 11.1, 11.1))
    answers = Answers(address, now=lambda: next(times))
    answers.put(cloudwatch, [])
    assert figures.asked == 0
    for expected in (1, 1, 2):
        answers.put(cloudwatch, [of_campaign(WATCHED)])
        assert figures.asked == expected


def test_a_server_that_does_not_answer_tells_nothing(cloudwatch: CloudWatchBackend) -> None:
    Answers("http://127.0.0.1:1").put(cloudwatch, [of_campaign(WATCHED)])

    assert told(cloudwatch) == []
