"""What a run costs, said before anything is made: estimates, each with what it rests on."""

from collections.abc import Iterator
from dataclasses import dataclass

from verification.ground import sample
from verification.ground.plan import Plan

AS_OF = "August 2026"
SOURCE = (
    "US dollars, us-east-1, before tax. Personalize: a public statement of work that quotes AWS's price\n"
    "list, and dated copies; the other services: copies of the price list of 2024 to 2026. AWS's own pages\n"
    "were not read: look there"
)
_HOURS = 4
_MONTH = 730
_ALARMS = 40


@dataclass(frozen=True)
class Line:
    """usd: of all of it. how: quantity and price of one."""

    what: str
    usd: float
    how: str


def estimate(plan: Plan) -> tuple[Line, ...]:
    """Of a run that is over and removed within four hours."""
    return tuple(_lines(plan))


def _lines(plan: Plan) -> Iterator[Line]:
    thousands = sample.INTERACTIONS / 1000
    yield Line("Personalize: imports", 0.001 * 0.05, "at most 0.001 GB, 0.05 per GB")
    yield Line(
        "Personalize: training", thousands * 0.002, f"{sample.INTERACTIONS:,} interactions, 0.002 per 1,000"
    )
    yield Line(
        "Personalize: batch inference", sample.USERS / 1000 * 0.15, f"{sample.USERS} users, 0.15 per 1,000"
    )
    if plan.campaign:
        yield Line(
            "Personalize: campaign", _HOURS * 0.54, f"{_HOURS} h, 0.54 per hour if it is billed while idle"
        )
    yield Line("KMS: a key", _HOURS / _MONTH * 1.0, f"{_HOURS} h, 1.00 per month")
    yield Line(
        "CloudWatch: alarms", _HOURS / _MONTH * _ALARMS * 0.1, f"about {_ALARMS}, {_HOURS} h, 0.10 per month"
    )
    yield Line("CloudWatch: a dashboard", _HOURS / _MONTH * 3.0, f"{_HOURS} h, 3.00 per month beyond three")
    yield Line("Step Functions", 0.5 * 0.025, "about 500 transitions, 0.025 per 1,000")
    yield Line("Lambda, S3, DynamoDB, SQS, SNS, logs", 0.05, "at most")


def shown(plan: Plan) -> str:
    """As it is printed before the question."""
    lines = estimate(plan)
    width = max(len(line.what) for line in lines)
    rows = [f"  {line.what:<{width}}  {line.usd:8.4f}  {line.how}" for line in lines]
    total = sum(line.usd for line in lines)
    return "\n".join(
        [
            f"An estimate, not an offer. {SOURCE} ({AS_OF}).",
            *rows,
            f"  {'together':<{width}}  {total:8.4f}  for {_HOURS} hours",
            "With --keep the key, the alarms, the dashboard and a campaign go on billing, until "
            f"`--only-clean {plan.run}`.",
        ]
    )
