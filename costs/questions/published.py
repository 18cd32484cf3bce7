"""A calculation that was published for Amazon Personalize, to the cent, and what is wrong with it.

Rates, hours and volumes are those of its text, which is why they do not come from the price files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from costs.prices.price import Tier

GB, TRAINING_HOUR, BATCH_THOUSAND, TPS_HOUR = 0.05, 0.24, 0.067, 0.20
BATCH_SECOND_THOUSAND, INTERACTIONS_THOUSAND = 0.15, 0.002
"""Of the second generation, which it does not have."""
DAYS, HOURS = 30, 720
CALCULATOR_HOURS = 730
BATCH_TIERS = (Tier(0.067, 20_000), Tier(0.058, 200_000), Tier(0.050))
"""By thousands of a month."""


@dataclass(frozen=True)
class Example:
    """As it was published. gb: imported each day. hours: of each day's training. tps: of a campaign."""

    people: int
    gb: float
    hours: float
    tps: int

    @property
    def batch(self) -> Mapping[str, float]:
        """US dollars of 30 days by part: every day an import, a training, and lists for everybody."""
        return {
            "import": self.gb * GB * DAYS,
            "training": self.hours * TRAINING_HOUR * DAYS,
            "lists": self.people / 1000 * BATCH_THOUSAND * DAYS,
        }

    @property
    def realtime(self) -> Mapping[str, float]:
        """A campaign in place of the lists."""
        return {**self.batch, "lists": 0.0, "campaign": self.tps * TPS_HOUR * HOURS}

    @property
    def bytes_per_person(self) -> float:
        return self.gb * 1e9 / self.people

    @property
    def requests_per_person(self) -> float:
        """A day, that the campaign is provisioned for."""
        return self.tps * 86_400 / self.people


EXAMPLES = (
    Example(people=13_000, gb=0.005, hours=3, tps=1),
    Example(people=100_000, gb=0.1, hours=10, tps=1),
    Example(people=1_000_000, gb=2.0, hours=20, tps=5),
)


@dataclass(frozen=True)
class Inconsistency:
    """what: in words. corrected: of some part, in US dollars by people, where a figure follows from it."""

    what: str
    part: str = ""
    corrected: Mapping[int, float] | None = None


def tiered(people: int, days: float = DAYS) -> float:
    """US dollars of lists for everybody each day, through the tiers of a month."""
    usd, begin, left = 0.0, 0.0, people / 1000 * days
    for tier in BATCH_TIERS:
        within = min(left, tier.upto - begin)
        usd += within * tier.usd
        left -= within
        begin = tier.upto
    return usd


def inconsistencies() -> tuple[Inconsistency, ...]:
    """All nine; with figures where they follow from the calculation's own inputs."""
    sizes = ", ".join(f"{one.bytes_per_person:,.0f}" for one in EXAMPLES)
    asked = ", ".join(f"{one.requests_per_person:.2g}" for one in EXAMPLES)
    return (
        Inconsistency(
            f"data per person and day grows without a reason: {sizes} bytes",
            "import, with 1,000 bytes for everybody",
            {one.people: one.people * 1_000 / 1e9 * GB * DAYS for one in EXAMPLES},
        ),
        Inconsistency(
            "a million people a day are 30 million a month, 10 million of them in the second tier",
            "lists",
            {one.people: tiered(one.people) for one in EXAMPLES},
        ),
        Inconsistency(
            "one use case only; four are configured here",
            "four of them",
            {one.people: 4 * sum(one.batch.values()) for one in EXAMPLES},
        ),
        Inconsistency(
            f"a month of {HOURS} hours; AWS's calculator has {CALCULATOR_HOURS}",
            "campaign",
            {one.people: one.tps * TPS_HOUR * CALCULATOR_HOURS for one in EXAMPLES},
        ),
        Inconsistency(
            f"transactions per second do not follow from people: {asked} requests a person and day"
        ),
        Inconsistency(
            "training hours are guesses: what is billed are hours of a unit of four processors, of which the "
            "service may use several at once, not hours that pass"
        ),
        Inconsistency(
            "in real time, too, the model is trained every day, which a campaign alone does not need",
            "real time, trained once a week",
            {
                one.people: sum(one.realtime.values())
                - (one.batch["import"] + one.batch["training"]) * (1 - 1 / 7)
                for one in EXAMPLES
            },
        ),
        Inconsistency("nothing for tables, functions, logs, networks and replicas"),
        Inconsistency(
            "recipes of the first generation; today's default is of the second",
            "lists, second generation",
            {one.people: one.people / 1000 * BATCH_SECOND_THOUSAND * DAYS for one in EXAMPLES},
        ),
    )


def corrected(example: Example) -> Mapping[str, float]:
    """Parts with the corrections that follow from its own inputs: bytes, tiers, and a month of 730 hours."""
    days = CALCULATOR_HOURS / 24
    return {
        "import": example.people * 1_000 / 1e9 * GB * days,
        "training": example.hours * TRAINING_HOUR * days,
        "lists": tiered(example.people, days),
    }


def second_generation_training(interactions: float) -> float:
    """US dollars of 30 days, trained on all interactions each day."""
    return interactions / 1000 * INTERACTIONS_THOUSAND * DAYS
