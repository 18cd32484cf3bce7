"""Rules of the variant `own` in real time."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.rules import check
from config.schema import (
    Campaign,
    Endpoint,
    EndpointKind,
    Heuristic,
    Own,
    OwnItems,
    OwnRealtime,
    Personalize,
    Realtime,
    UseCase,
    Variant,
)
from tests.app.support.business.stages import DEV
from tests.app.support.films import problems_of

LIVE: dict[str, Any] = {"endpoint": Endpoint(path="films", kind=EndpointKind.LIST, realtime=Realtime())}


def test_any_variant_that_can_may_answer_in_real_time(good: UseCase) -> None:
    """The default one or not."""
    own = Own(realtime=OwnRealtime(stages=("dev",)))
    campaign = Personalize(campaign=Campaign(stages=("dev",)))
    for variants in ((own,), (Heuristic(), own), (own, campaign), (campaign, own), (Own(), campaign)):
        case = replace(good, variants=variants, **LIVE)

        assert check((DEV,), (case,)) == ()
        assert (case.own_realtime_in("dev") is not None) is (own in variants)
        assert case.own_realtime_in("prod") is None


def test_all_mistakes_of_real_time_are_told_at_once(good: UseCase) -> None:
    wrong = Own(realtime=OwnRealtime(stages=(), memory_mb=1), memory_mb=1)

    assert len(problems_of(replace(good, variants=(wrong,), **LIVE))) == 3


Broken = tuple[Callable[[Path], tuple[Variant, ...]], dict[str, Any], str, str]
BROKEN: dict[str, Broken] = {
    "real time that no endpoint asks for": (
        lambda _: (Own(realtime=OwnRealtime(stages=("dev",))),),
        {"endpoint": Endpoint(path="films", kind=EndpointKind.LIST)},
        "variants[own].realtime",
        "and this one has none",
    ),
    "real time without an endpoint": (
        lambda _: (Own(realtime=OwnRealtime(stages=("dev",))),),
        {"endpoint": None},
        "variants[own].realtime",
        "there is no endpoint",
    ),
    "real time nowhere": (
        lambda _: (Own(realtime=OwnRealtime(stages=())),),
        LIVE,
        "variants[own].realtime.stages",
        "must name a stage",
    ),
    "real time in a stage that there is not": (
        lambda _: (Own(realtime=OwnRealtime(stages=("moon",))),),
        LIVE,
        "variants[own].realtime.stages",
        "must be a stage",
    ),
    "similar items of neighbours in real time": (
        lambda _: (
            Own(
                algorithm="user-neighbours",
                lists_for_items=True,
                realtime=OwnRealtime(stages=("dev",)),
            ),
        ),
        {
            "own_items": OwnItems(),
            "endpoint": Endpoint(path="films", kind=EndpointKind.SIMILAR, realtime=Realtime()),
        },
        "variants[own].realtime",
        "needs SciPy",
    ),
    "memory of real time": (
        lambda _: (Own(realtime=OwnRealtime(stages=("dev",), memory_mb=256)),),
        LIVE,
        "variants[own].realtime.memory_mb",
        "must be from 512 to 10240",
    ),
}


@pytest.mark.parametrize(("variants", "changes", "field", "rule"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_of_real_time_is_named(
    good: UseCase,
    tmp_path: Path,
    variants: Callable[[Path], tuple[Variant, ...]],
    changes: dict[str, Any],
    field: str,
    rule: str,
) -> None:
    [problem] = problems_of(replace(good, variants=variants(tmp_path), **changes))

    assert problem.startswith(f"use case films, {field}: ")
    assert rule in problem
