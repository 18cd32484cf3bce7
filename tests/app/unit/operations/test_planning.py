"""The plan of an experiment, as it is asked for in a terminal."""

import argparse
import json

import pytest

from operations import plan
from pipeline.errors import InvalidInput


def asked(words: str) -> str:
    parser = argparse.ArgumentParser()
    plan.add_arguments(parser)
    return plan.run(parser.parse_args(words.split()))


def test_a_tenth_more_than_three_percent_needs_ten_thousand_people_an_arm() -> None:
    told = asked("--baseline 0.03 --effect 0.1 --impressions 14 --design-effect 2.6 --people 2500")

    [people] = [line.split()[1] for line in told.splitlines() if line.strip().startswith("people")]
    assert 8_500 <= int(people.replace(",", "")) <= 11_500
    assert "looks after 7, 14, 21, 28" in told
    assert "2,500 people in each arm show a lift of 2" in told
    assert "A/A" not in told


def test_without_a_design_effect_the_plan_says_what_is_missing() -> None:
    assert "an A/A phase tells the design effect" in asked("--baseline 0.03 --effect 0.1 --impressions 14")


def test_programs_get_the_plan_as_json() -> None:
    told = json.loads(asked("--baseline 0.03 --effect 0.1 --impressions 14 --people 2500 --json"))

    assert told["looks"] == [7, 14, 21, 28] and told["question"]["baseline"] == 0.03
    assert told["people"] > 2_500 and told["least_effect"] > 0.1


def test_figures_that_cannot_be_are_all_named() -> None:
    with pytest.raises(InvalidInput, match=r"power must lie between.*impressions must be above 0"):
        asked("--baseline 0.03 --effect 0.1 --impressions 0 --power 2")
