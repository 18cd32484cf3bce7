"""Who makes the lists of a use case: rules of its variants, and what follows from them."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from config.derived.names import PersonalizeNames
from config.derived.recipes import recommends_for_items
from config.rules import check
from config.rules.estate import estate_notices, estate_problems
from config.schema import (
    Column,
    ComparisonThresholds,
    Conversion,
    Endpoint,
    EndpointKind,
    EventType,
    Heuristic,
    Own,
    OwnItems,
    Personalize,
    Realtime,
    Tracking,
    UseCase,
    Variant,
)
from tests.app.support.business.stages import DEV
from tests.app.support.films import USERS, dataset, problems_of


def written(folder: Path, content: Any) -> Path:
    file = folder / "configuration.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


def test_a_use_case_is_personalize_s_unless_it_says_otherwise(good: UseCase) -> None:
    assert good.variants == (Personalize(),)
    assert (good.default_variant, good.own) == ("personalize", None)


def test_variants_may_stand_side_by_side_and_the_first_is_served(good: UseCase) -> None:
    personalize = Personalize()
    every: tuple[Variant, ...] = (personalize, Own(), Heuristic(columns=("AGE",)))
    for variants in permutations(every):
        for several in (variants, variants[:2], variants[:1]):
            case = replace(good, variants=several)

            assert check((DEV,), (case,)) == ()
            assert case.default_variant == several[0].name
            assert set(case.by_engine) == set(several) - {personalize}
            assert (case.personalize is None) is (personalize not in several)


def test_a_heuristic_goes_by_numbers_and_categories_of_the_users(good: UseCase, tmp_path: Path) -> None:
    columns = (*USERS, Column(name="COUNTRY", categorical=True), Column(name="NAME"))
    case = replace(good, users=dataset(tmp_path, "people", *columns))
    usable = "must be a number or a categorical column of the users: AGE, COUNTRY"

    assert check((DEV,), (replace(case, variants=(Heuristic(columns=("AGE", "COUNTRY")),)),)) == ()
    wrong = Heuristic(columns=("NAME", "AGE", "AGE", "HEIGHT"))
    assert problems_of(replace(case, variants=(wrong, Own()))) == [
        f"use case films, variants[heuristic].columns: '{name}': {rule}"
        for name, rule in (("NAME", usable), ("AGE", "must not be named twice"), ("HEIGHT", usable))
    ]
    [problem] = problems_of(replace(case, users=None, variants=(Heuristic(columns=("AGE",)),)))
    assert "and there is none" in problem


def test_a_use_case_may_be_of_our_own_alone(good: UseCase, tmp_path: Path) -> None:
    tuned = written(tmp_path, {"kind": "ease", "regularisation": 500})
    for own in (Own(), Own(algorithm="ease"), Own(algorithm="ease", configuration=tuned), Own(seed=7)):
        case = replace(good, variants=(own,))

        assert check((DEV,), (case,)) == ()
        assert (case.default_variant, case.own, case.personalize) == ("own", own, None)


def test_lists_of_our_own_belong_to_items_where_the_variant_says_so(good: UseCase) -> None:
    alike = replace(
        good,
        variants=(Own(lists_for_items=True),),
        own_items=OwnItems(),
        endpoint=Endpoint(path="films", kind=EndpointKind.SIMILAR),
    )

    assert check((DEV,), (alike,)) == ()
    assert recommends_for_items(alike)
    assert not recommends_for_items(replace(good, variants=(Own(),)))


TRACKING = Tracking(actions=("buy",), conversion=Conversion(goal=0.1, floor=0.0))
Broken = tuple[Callable[[Path], tuple[Variant, ...]], dict[str, Any], str, str]
BROKEN: dict[str, Broken] = {
    "nobody": (lambda _: (), {}, "variants", "must name one"),
    "twice": (lambda _: (Own(), Own(seed=1)), {}, "variants", "must not be named twice"),
    "lists for users beside lists for items": (
        lambda _: (Personalize(), Own(lists_for_items=True), Heuristic()),
        {},
        "variants",
        "those of own belong to items, of personalize, heuristic to users",
    ),
    "a recipe for items beside lists for users": (
        lambda _: (Own(), Personalize(recipe="aws-similar-items")),
        {"event_types": (EventType(name="view"), EventType(name="buy"))},
        "variants",
        "those of personalize belong to items, of own to users",
    ),
    "heuristic for items": (
        lambda _: (Own(lists_for_items=True), Heuristic()),
        {"own_items": OwnItems(), "endpoint": Endpoint(path="films", kind=EndpointKind.SIMILAR)},
        "variants",
        "those of own belong to items, of heuristic to users",
    ),
    "memory of a heuristic": (
        lambda _: (Heuristic(memory_mb=100),),
        {},
        "variants[heuristic].memory_mb",
        "must be from 128 to 10240",
    ),
    "days of weights": (
        lambda _: (Own(relearn_days=36),),
        {},
        "variants[own].relearn_days",
        "must be from 1 to 35 days",
    ),
    "algorithm": (lambda _: (Own(algorithm="magic"),), {}, "variants[own].algorithm", "hybrid, popularity"),
    "no configuration": (
        lambda folder: (Own(configuration=folder / "none.json"),),
        {},
        "variants[own].configuration",
        "No such file",
    ),
    "configuration is no JSON": (
        lambda folder: (Own(configuration=written(folder, "{")),),
        {},
        "variants[own].configuration",
        "must be JSON",
    ),
    "configuration of another algorithm": (
        lambda folder: (Own(configuration=written(folder, {"kind": "ease"})),),
        {},
        "variants[own].configuration",
        "must describe the algorithm hybrid, and its kind is 'ease'",
    ),
    "configuration too long": (
        lambda folder: (Own(configuration=written(folder, {"kind": "hybrid", "x": "a" * 70_000})),),
        {},
        "variants[own].configuration",
        "65,536 bytes",
    ),
    "real time": (
        lambda _: (Own(),),
        {"endpoint": Endpoint(path="films", kind=EndpointKind.LIST, realtime=Realtime())},
        "endpoint.realtime",
        "needs a variant that answers in real time",
    ),
    "event tracker": (
        lambda _: (Own(),),
        {"tracking": replace(TRACKING, event_tracker=True)},
        "tracking.event_tracker",
        "needs the variant personalize",
    ),
    "similar, but lists for users": (
        lambda _: (Own(),),
        {"endpoint": Endpoint(path="films", kind=EndpointKind.SIMILAR), "own_items": OwnItems()},
        "endpoint.kind",
        "lists_for_items",
    ),
}


@pytest.mark.parametrize(("variants", "changes", "field", "rule"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_of_variants_is_named(
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


def test_a_value_of_another_type_is_named_by_its_place(good: UseCase) -> None:
    [problem] = problems_of(replace(good, variants=(Own(memory_mb="much"),)))  # type: ignore[arg-type]

    assert problem.startswith("use case films, variants[0].memory_mb: ")


def test_without_personalize_its_names_and_quotas_do_not_count(good: UseCase) -> None:
    long = replace(good, name="a" * 55)
    own = replace(long, variants=(Own(),))

    assert len(list(estate_problems([DEV], [long]))) == 1
    assert list(estate_problems([DEV], [own])) == []
    [problem] = estate_problems([DEV], [replace(own, name="a" * 80)])
    assert "state machine" in problem.rule
    many = [replace(good, name=f"films{number}") for number in range(6)]
    assert len(list(estate_notices([DEV], many))) == 1
    assert list(estate_notices([DEV], [*many[:5], replace(many[5], variants=(Own(),))])) == []


def test_there_is_no_solution_to_name_without_personalize(good: UseCase) -> None:
    with pytest.raises(ValueError, match="films has no variant personalize"):
        _ = PersonalizeNames("dev", replace(good, variants=(Own(),))).solution


@pytest.mark.parametrize(
    ("changed", "field", "rule"),
    [
        ({"significance": 0.0}, "significance", "between 0 and 1"),
        ({"significance": 1.0}, "significance", "between 0 and 1"),
        ({"least_people": 0}, "least_people", "at least 1"),
        ({"relative_change": -0.1}, "relative_change", "at least 0"),
        ({"relative_change": float("nan")}, "relative_change", "at least 0"),
        ({"short_share": 1.1}, "short_share", "a share from 0 to 1"),
        ({"leaked_share": -0.1}, "leaked_share", "a share from 0 to 1"),
        ({"least_personalisation": 2.0}, "least_personalisation", "a share from 0 to 1"),
        ({"light_from": 0}, "light_from", "at least 1"),
        ({"heavy_from": 5}, "heavy_from", "above light_from (5)"),
        ({"short_share": "all"}, "short_share", "a number"),
    ],
)
def test_thresholds_of_a_comparison_keep_their_bounds(
    good: UseCase, changed: dict[str, Any], field: str, rule: str
) -> None:
    [problem] = problems_of(replace(good, comparison=ComparisonThresholds(**changed)))

    assert f"comparison.{field}" in str(problem) and rule in str(problem)


def test_thresholds_at_their_bounds_are_taken(good: UseCase) -> None:
    loose = ComparisonThresholds(relative_change=0.0, short_share=1.0, leaked_share=0.0, heavy_from=6)

    assert check((DEV,), (replace(good, comparison=loose),)) == ()
