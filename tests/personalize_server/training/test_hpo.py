"""Hyper-parameter optimisation: what is tried, how many at once, by which metric, and how it ends early."""

import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from personalize_server.facts.quotas import Quotas
from personalize_server.training.hpo import search
from personalize_server.training.inputs import Inputs
from tests.personalize_server.support.journey import RECIPE, Journey, settled
from tests.personalize_server.support.processes import PersonalizeServer, jobs
from tests.support.waiting import eventually

NDCG = "normalized_discounted_cumulative_gain_at_25"


class Trials:
    """A trial whose metrics are those of its popularity_discount_factor; remembers what was tried."""

    def __init__(self, **metrics: float) -> None:
        self.tried: list[Mapping[str, str]] = []
        self._metrics = metrics

    def __call__(self, values: Mapping[str, str], seed: int) -> Mapping[str, float]:
        self.tried.append(values)
        discount = float(values["popularity_discount_factor"])
        return {name: factor * discount for name, factor in self._metrics.items()}


DEFAULTS = {"popularity_discount_factor": "0.5", "min_cointeraction_count": "3"}


def inputs(recipe: str = "aws-sims", **hpo: Any) -> Inputs:
    solution = {"recipeArn": RECIPE + recipe, "performHPO": True, "solutionConfig": {"hpoConfig": hpo}}
    return Inputs(datasets={}, solution=solution, quotas=Quotas())


def ranges(**kinds: list[Mapping[str, Any]]) -> dict[str, Any]:
    return {f"{kind}HyperParameterRanges": entries for kind, entries in kinds.items()}


def resources(number: int, parallel: int = 1) -> dict[str, str]:
    return {"maxNumberOfTrainingJobs": str(number), "maxParallelTrainingJobs": str(parallel)}


def test_every_kind_of_range_is_kept_to_and_what_has_none_stays() -> None:
    trials = Trials(**{NDCG: 1.0})
    given = ranges(
        integer=[{"name": "min_cointeraction_count", "minValue": 5, "maxValue": 7}],
        continuous=[{"name": "popularity_discount_factor", "minValue": 0.1, "maxValue": 0.2}],
    )
    best = search(
        inputs(algorithmHyperParameterRanges=given, hpoResourceConfig=resources(40)), DEFAULTS, trials
    )
    assert len(trials.tried) == 40
    assert {values["min_cointeraction_count"] for values in trials.tried} == {"5", "6", "7"}
    discounts = [float(values["popularity_discount_factor"]) for values in trials.tried]
    assert min(discounts) >= 0.1 and max(discounts) <= 0.2
    assert len(set(discounts)) == 40
    assert float(best["popularity_discount_factor"]) == max(discounts)

    trials = Trials(**{NDCG: 1.0})
    given = ranges(categorical=[{"name": "popularity_discount_factor", "values": ["0.3", "0.9"]}])
    search(inputs(algorithmHyperParameterRanges=given, hpoResourceConfig=resources(20)), DEFAULTS, trials)
    assert {values["popularity_discount_factor"] for values in trials.tried} == {"0.3", "0.9"}
    assert {values["min_cointeraction_count"] for values in trials.tried} == {"3"}


def test_without_ranges_all_that_can_be_tuned_is_searched_in_ten_trials() -> None:
    trials = Trials(**{NDCG: 1.0})
    search(inputs(), DEFAULTS, trials)
    assert len(trials.tried) == 10
    assert trials.tried[0] == DEFAULTS
    assert len({values["min_cointeraction_count"] for values in trials.tried}) > 3


@pytest.mark.parametrize(
    ("objective", "wanted"),
    [
        ({}, max),
        ({"type": "Minimize"}, min),
        ({"type": "Maximize", "metricName": "coverage"}, min),
        ({"type": "Minimize", "metricName": "coverage", "metricRegex": "coverage=(.*)"}, max),
    ],
)
def test_the_objective_chooses_the_metric_and_the_direction(objective: dict[str, str], wanted: Any) -> None:
    trials = Trials(**{NDCG: 1.0, "coverage": -1.0})
    best = search(inputs(hpoObjective=objective), DEFAULTS, trials)
    discounts = [float(values["popularity_discount_factor"]) for values in trials.tried]
    assert float(best["popularity_discount_factor"]) == wanted(discounts)


def test_as_many_trials_run_at_once_as_allowed_and_as_there_are_processors() -> None:
    meeting = threading.Barrier(3)
    lock, running, most = threading.Lock(), 0, 0

    def trial(values: Mapping[str, str], seed: int) -> Mapping[str, float]:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        meeting.wait(60)  # nobody gets past it alone
        with lock:
            running -= 1
        return {NDCG: 0.0}

    search(inputs(hpoResourceConfig=resources(9, 3)), DEFAULTS, trial, processors=8)
    search(inputs(hpoResourceConfig=resources(9, 9)), DEFAULTS, trial, processors=3)
    assert most == 3


def test_trials_at_once_find_what_trials_one_after_the_other_find() -> None:
    found = [
        search(
            inputs(hpoResourceConfig=resources(12, parallel)), DEFAULTS, Trials(**{NDCG: 1.0}), processors=4
        )
        for parallel in (1, 4)
    ]
    assert found[0] == found[1]


def test_an_interrupted_search_goes_on_after_the_trials_it_has_done(tmp_path: Path) -> None:
    def interrupted(values: Mapping[str, str], seed: int) -> Mapping[str, float]:
        if len(first.tried) == 5:
            raise KeyboardInterrupt
        return first(values, seed)

    def kept(trials: Trials, file: str = "trials", **more: Any) -> dict[str, str]:
        asked = replace(inputs(hpoResourceConfig=resources(8), **more), trials=tmp_path / file)
        return search(asked, DEFAULTS, trials)

    def trials() -> Trials:
        return Trials(**{NDCG: 1.0, "coverage": 1.0})

    first, second, third, other = trials(), trials(), trials(), trials()
    with pytest.raises(KeyboardInterrupt):
        kept(interrupted)  # type: ignore[arg-type]
    with (tmp_path / "trials").open("a") as file:
        file.write('{"search": "cut o')
    best = kept(second)
    assert kept(third, "elsewhere") == best
    assert first.tried + second.tried == third.tried
    again = trials()
    assert kept(again) == best
    assert not again.tried
    kept(other, hpoObjective={"metricName": "coverage"})
    assert len(other.tried) == 8, "of another metric"


def test_a_trial_that_fails_fails_the_search() -> None:
    def trial(values: Mapping[str, str], seed: int) -> Mapping[str, float]:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        search(inputs(hpoResourceConfig=resources(4, 2)), DEFAULTS, trial, processors=2)


def test_the_hidden_dimensions_of_similar_items_are_searched_and_shown(journey: Journey) -> None:
    group = journey.ready_to_train()
    hpo = {
        "hpoObjective": {"type": "Maximize", "metricName": "precision_at_5"},
        "hpoResourceConfig": resources(3, 2),
        "algorithmHyperParameterRanges": ranges(
            integer=[
                {"name": "item_id_hidden_dim", "minValue": 30, "maxValue": 60},
                {"name": "item_metadata_hidden_dim", "minValue": 40, "maxValue": 50},
            ]
        ),
    }
    version = journey.train(
        journey.solution(group, "aws-similar-items", performHPO=True, solutionConfig={"hpoConfig": hpo})
    )
    assert version["status"] == "ACTIVE", version
    tuned = version["tunedHPOParams"]["algorithmHyperParameters"]
    assert 30 <= int(tuned["item_id_hidden_dim"]) <= 60
    assert 40 <= int(tuned["item_metadata_hidden_dim"]) <= 50
    assert tuned["popularity_discount_factor"] == "0.0"


@pytest.mark.parametrize(
    ("objective", "reason"),
    [
        ({"type": "maximise"}, "Maximize or Minimize"),
        ({"metricName": "accuracy"}, "metricName must be one of coverage"),
        ({"metricName": "average_rewards_at_k"}, "metricName must be one of coverage"),
        ({"metricRegex": "("}, "not a regular expression"),
    ],
)
def test_an_objective_that_no_trial_could_have_is_refused(
    journey: Journey, objective: dict[str, str], reason: str
) -> None:
    with pytest.raises(journey.personalize.exceptions.InvalidInputException, match=reason):
        journey.solution(
            journey.group(),
            "aws-sims",
            performHPO=True,
            solutionConfig={"hpoConfig": {"hpoObjective": objective}},
        )


def test_what_the_recipe_does_not_tune_is_not_searched(journey: Journey) -> None:
    given = ranges(continuous=[{"name": "popularity_discount_factor", "minValue": 0.0, "maxValue": 1.0}])
    with pytest.raises(journey.personalize.exceptions.InvalidInputException, match="can be tuned"):
        journey.solution(
            journey.group(),
            "aws-similar-items",
            performHPO=True,
            solutionConfig={"hpoConfig": {"algorithmHyperParameterRanges": given}},
        )


@pytest.fixture
def mortal(s3_endpoint: str, tmp_path: Path) -> Iterator[PersonalizeServer]:
    server = PersonalizeServer(tmp_path, s3_endpoint).start()
    yield server
    if server.process is not None and server.process.poll() is None:
        server.stop()


def long_search(journey: Journey, trials: int) -> str:
    """A version whose search is under way."""
    group = journey.ready_to_train(users=300, items=200)
    hpo = {"hpoResourceConfig": resources(trials, 2)}
    solution = journey.solution(
        group, "aws-user-personalization", performHPO=True, solutionConfig={"hpoConfig": hpo}
    )
    version = journey.start_training(solution)
    describe = journey.personalize.describe_solution_version
    while describe(solutionVersionArn=version)["solutionVersion"]["status"] == "CREATE PENDING":
        time.sleep(0.01)
    return version


def test_a_search_that_is_stopped_ends_with_all_its_trials(mortal: PersonalizeServer, s3: Any) -> None:
    journey = Journey(mortal.client(), s3, "hpo-stopped")
    assert mortal.process is not None
    version = long_search(journey, 40)
    assert jobs(mortal.process.pid)
    journey.personalize.stop_solution_version_creation(solutionVersionArn=version)
    describe = journey.personalize.describe_solution_version
    found = settled(lambda: describe(solutionVersionArn=version)["solutionVersion"])
    assert found["status"] == "CREATE STOPPED"
    assert "tunedHPOParams" not in found
    until = time.monotonic() + 30
    while jobs(mortal.process.pid):
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.prove
def test_a_killed_search_is_begun_again_and_one_whose_process_dies_says_so(
    mortal: PersonalizeServer, s3: Any
) -> None:
    journey = Journey(mortal.client(), s3, "hpo-killed")
    version = long_search(journey, 4)
    eventually(lambda: any(file.stat().st_size for file in (mortal.data / "trials").glob("*")))
    mortal.kill()
    mortal.start()
    found = journey.trained(version)
    assert found["status"] == "ACTIVE", found
    eventually(lambda: not list((mortal.data / "trials").glob("*")))
    assert found["tunedHPOParams"]["algorithmHyperParameters"]

    assert mortal.process is not None
    version = journey.start_training(found["solutionArn"])
    until = time.monotonic() + 30
    while not (new := jobs(mortal.process.pid)) and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(max(new), signal.SIGKILL)
    found = journey.trained(version)
    assert found["status"] == "CREATE FAILED"
    assert "worker process ended unexpectedly" in found["failureReason"]
