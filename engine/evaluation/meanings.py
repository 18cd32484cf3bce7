"""What each figure of an evaluation says, and which way it is good."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Good = Literal["up", "down", "neither"]
ARROWS: Mapping[Good, str] = {"up": "↑", "down": "↓", "neither": ""}
WAYS: Mapping[Good, str] = {"up": "higher is better", "down": "lower is better", "neither": "neither way"}


@dataclass(frozen=True)
class Meaning:
    good: Good
    words: str


@dataclass(frozen=True)
class Group:
    """Figures that are read together; note: what they are good for."""

    title: str
    note: str
    figures: Mapping[str, Meaning]


GROUPS: tuple[Group, ...] = (
    Group(
        "What was found",
        "Means over the people who were tested, with the bounds of the 95 % interval.",
        {
            "ndcg@10": Meaning("up", "each one found among the ten counts, the more the higher it stands; "
                               "1: all that was held back, on top"),
            "recall@10": Meaning("up", "share of what was held back that is among the ten"),
            "recall@20": Meaning("up", "share of what was held back that is among the first twenty"),
            "precision@10": Meaning("up", "share of the ten that was held back"),
            "hit_rate@10": Meaning("up", "share of people who find at least one of theirs among the ten"),
            "mrr@25": Meaning("up", "1 / the place of the first one found among 25, 0 if there is none"),
            "map@10": Meaning("up", "precision at the place of each one found among the ten, averaged"),
        },
    ),
    Group(
        "How varied the lists are",
        "Of use between models that find about as much: lists by chance are the most varied of all.",
        {
            "coverage@10": Meaning("up", "share of all items that are among somebody's ten"),
            "gini@10": Meaning("down", "how unevenly items are shown: 0 all alike, towards 1 a single one"),
            "personalisation@10": Meaning("up", "1 - the share of the ten that two people have in common"),
            "diversity@10": Meaning("up", "1 - how alike two items of a list are by who touched them"),
            "novelty@10": Meaning("neither", "mean surprise in bits: a bit more for items half as popular"),
            "popularity@10": Meaning("neither", "mean standing of the ten: 1 the most popular, 0 the least"),
        },
    ),
    Group(
        "Whether chances come true",
        "Of models whose scores are chances. What was said should be near what came.",
        {
            "calibration_error": Meaning("down", "mean distance between the chance said and the share that "
                                         "came true, over everybody's hundred best items"),
            "said@10": Meaning("neither", "mean chance said of the ten"),
            "came@10": Meaning("neither", "share of the ten that came true"),
            "said@1": Meaning("neither", "mean chance said of the first item"),
            "came@1": Meaning("neither", "share of first items that came true"),
        },
    ),
    Group(
        "What it takes",
        "On the machine that made this report, with whatever else it did then.",
        {
            "train s": Meaning("down", "seconds of training, what a blend learns included"),
            "users/s": Meaning("up", "people whose lists of 25 are made in a second"),
        },
    ),
)  # fmt: skip
MEANINGS: Mapping[str, Meaning] = {name: one for group in GROUPS for name, one in group.figures.items()}
