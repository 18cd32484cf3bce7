"""A use case that is otherwise in some stages and regions."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app import build_app
from config.notifications import NOTIFICATIONS
from config.rules import check
from config.schema import Column, ColumnType, Override, StageConfig, UseCase, use_cases_in
from config.types.errors import ConfigError
from config.use_cases import USE_CASES
from review.reading.templates import resources_of, templates_of
from tests.app.support.business.stages import DEV, PROD
from tests.app.support.films import ITEMS, dataset
from tests.app.support.snapshots import NO_BUNDLING

HOME, AWAY = PROD.region, "eu-central-1"


def problems_of(use_case: UseCase, *stages: StageConfig) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        check(stages or (DEV, PROD), (use_case,))
    return [str(problem) for problem in caught.value.problems]


def test_the_later_one_of_several_that_hold_counts(good: UseCase, tmp_path: Path) -> None:
    short, long = (dataset(tmp_path, name, *ITEMS) for name in ("short", "long"))
    overrides = (
        Override(stages=("prod",), items=short),
        Override(stages=("prod",), regions=(AWAY,), items=long, users=short),
        Override(stages=("dev",), absent=True),
    )
    case = replace(good, overrides=overrides)

    assert use_cases_in("staging", HOME, (case,)) == (case,)
    assert use_cases_in("dev", HOME, (case,)) == ()
    [home], [away] = (use_cases_in("prod", region, (case,)) for region in (HOME, AWAY))
    assert (home.items, home.users) == (short, good.users)
    assert (away.items, away.users) == (long, short)


def test_where_and_what_must_be_said(good: UseCase, tmp_path: Path) -> None:
    items = dataset(tmp_path, "others", *ITEMS)
    overrides = (
        Override(items=items),
        Override(stages=("prod",)),
        Override(stages=("prod",), absent=True, items=items),
        Override(stages=("nowhere",), regions=("mars-1",), absent=True),
        Override(stages=("dev",), regions=(AWAY,), absent=True),
    )

    said = problems_of(replace(good, overrides=overrides))

    for number, rule in (
        (0, "must say in which stages or regions"),
        (1, "must change something: a dataset, or absent=True"),
        (2, "nothing is there whose items could be others"),
        (3, "must be a stage"),
        (4, f"must be a region of such a stage: {HOME}"),
    ):
        assert any(f"overrides[{number}]" in line and rule in line for line in said), rule
    assert len(said) == 5
    assert "overrides[2].absent: True" in said[2] and said[2].startswith("use case films, ")


def test_it_obeys_the_rules_of_use_cases_in_each_place_and_says_where_it_does_not(
    good: UseCase, tmp_path: Path
) -> None:
    broken = dataset(tmp_path, "broken", Column(name="GENRES", type=ColumnType.STRING))
    case = replace(good, overrides=(Override(stages=("prod",), regions=(AWAY,), items=broken),))

    said = problems_of(case)

    assert said and all(line.startswith(f"use case films in prod, {AWAY}, ") for line in said)


def test_what_people_are_told_of_is_there(good: UseCase) -> None:
    [case] = [one for one in USE_CASES if one.name == NOTIFICATIONS[0].use_case]
    absent = replace(case, overrides=(Override(stages=("prod",), absent=True),))

    with pytest.raises(ConfigError, match=f"is not there in prod, {HOME}, where weekly_programs tells of it"):
        check((PROD,), (absent,), NOTIFICATIONS)


def test_a_region_without_personalize_may_have_the_use_cases_that_do_without_it(good: UseCase) -> None:
    stage = replace(DEV, region="eu-north-1", database=None, notifications=None)
    assert any("must have Amazon Personalize" in line for line in problems_of(good, stage))

    check((stage,), (replace(good, overrides=(Override(regions=("eu-north-1",), absent=True),)),))


def test_each_place_is_deployed_as_it_is_there(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Another query in one stage; in a region that only serves, nothing of the use case."""
    [posts] = (case for case in USE_CASES if case.name == "posts")
    sql = tmp_path / "interactions.sql"
    sql.write_text(posts.interactions.query.replace("SELECT", "SELECT /* quick */", 1), encoding="utf-8")
    quick = replace(posts.interactions, sql=sql)
    case = replace(
        posts,
        overrides=(Override(stages=("dev",), interactions=quick), Override(regions=(AWAY,), absent=True)),
    )
    stage = replace(DEV, replica_regions=(AWAY,), notifications=None)
    folder = tmp_path_factory.mktemp("overridden")

    build_app((stage,), (case,), (), outdir=str(folder), context=NO_BUNDLING).synth()

    templates: dict[str, Any] = templates_of(folder)
    assert "/* quick */" in str(templates[f"Dev-{HOME}-Training"])
    routes = {
        region: {
            one["RouteKey"]
            for one in resources_of(templates[f"Dev-{region}-Serving"], "AWS::ApiGatewayV2::Route").values()
        }
        for region in (HOME, AWAY)
    }
    assert posts.endpoint
    assert any(posts.endpoint.path in route for route in routes[HOME])
    assert not any(posts.endpoint.path in route for route in routes[AWAY])
    assert any("/v1/openapi.json" in route for route in routes[AWAY])
