"""What readers take: functions that answer, logs of their calls, and servers that no template has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from config.schema import Endpoint, EndpointKind, Own, OwnRealtime, Realtime, Server
from costs.estimating.estimate import priced
from costs.prices.catalogue import catalogue
from costs.prices.items import Item
from costs.usage.traffic import realtime_lines, serving_lines
from costs.usage.volumes import DAYS, Volumes
from tests.app.support.business.stages import PROD
from tests.app.unit.costs.estimates import TODAY, case

REALTIME = Endpoint(path="posts", kind=EndpointKind.FEED, realtime=Realtime())


def test_a_stored_model_that_answers_in_real_time_is_paid_by_its_memory() -> None:
    """A quarter of a million requests of 5 ms, with 2 GB: 2,500 GB-seconds."""
    own = Own(realtime=OwnRealtime(stages=(PROD.name,), memory_mb=2048))
    use_case = replace(case("posts"), variants=(own,), endpoint=REALTIME)
    volumes = Volumes(people=250_000, active_share=1.0, requests_per_day=1 / DAYS)
    lines = list(realtime_lines(PROD, [use_case], volumes))

    assert {line.item: line.quantity for line in lines} == {
        Item.LAMBDA_REQUEST: pytest.approx(250_000),
        Item.LAMBDA_GB_SECOND: pytest.approx(2_500),
    }
    assert list(realtime_lines(replace(PROD, name="other"), [use_case], volumes)) == []


def test_a_server_at_a_url_is_counted_once_however_many_use_cases_ask_it() -> None:
    """730 hours of a vCPU and of two GB of AWS Fargate: 29.55 and 6.49 dollars."""
    server = Server(stages=(PROD.name,), url="https://recs.example.com", campaign="arn")
    both = [
        replace(case("posts"), name=name, variants=(Own(server=server),), endpoint=REALTIME)
        for name in ("posts", "others")
    ]
    lines = list(realtime_lines(PROD, both, Volumes()))

    assert priced(lines, catalogue(), TODAY).usd == pytest.approx(730 * (0.04048 + 2 * 0.004445))
    assert all("nothing, if it is there already" in line.notes[-1] for line in lines)
    assert all("server_processors 1 (assumed)" in line.notes for line in lines)


def test_logs_are_paid_when_they_are_written_and_while_they_are_kept() -> None:
    lines = list(serving_lines(PROD, [case("posts")], Volumes()))
    [written], [kept] = (
        [line.quantity for line in lines if line.item is item]
        for item in (Item.LOGS_IN_GB, Item.LOGS_KEPT_GB)
    )

    assert kept == pytest.approx(written * 30 / DAYS)
