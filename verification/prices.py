"""What a run costs, said before anything is made: estimates, each with what it rests on."""

from collections.abc import Iterator
from dataclasses import dataclass

from costs.prices.catalogue import catalogue
from costs.prices.items import Item
from costs.prices.price import Price
from verification.ground import sample
from verification.ground.plan import Plan

SOURCE = (
    "US dollars before tax, by dated copies of AWS's price list; AWS's own pages were not read: look there"
)
_HOURS = 4
_MONTH = 730
_ALARMS = 40
_TRANSITIONS = 500


@dataclass(frozen=True)
class Line:
    """usd: of all of it. how: quantity and price of one."""

    what: str
    usd: float
    how: str


def estimate(plan: Plan) -> tuple[Line, ...]:
    """Of a run that is over and removed within four hours. Raises: UnknownPrice, BadPrices."""
    return tuple(_lines(plan))


def _lines(plan: Plan) -> Iterator[Line]:
    prices, months = catalogue(), _HOURS / _MONTH

    def line(what: str, item: Item, quantity: float, how: str) -> Line:
        price: Price = prices.price(item, plan.region)
        return Line(what, price.of(quantity), f"{how}, {price.usd:g} per {item.unit}")

    yield line("Personalize: imports", Item.INGESTED_GB, 0.001, "at most 0.001 GB")
    yield line(
        "Personalize: training",
        Item.TRAINING_INTERACTIONS,
        sample.INTERACTIONS / 1000,
        f"{sample.INTERACTIONS:,} interactions",
    )
    yield line(
        "Personalize: batch inference", Item.BATCH_SECOND, sample.USERS / 1000, f"{sample.USERS} users"
    )
    if plan.campaign:
        yield line(
            "Personalize: campaign",
            Item.REQUESTS_SECOND,
            _HOURS * 3.6,
            f"{_HOURS} h of one request a second, if it is billed while idle",
        )
    yield line("KMS: a key", Item.KEY, months, f"{_HOURS} h")
    yield line("CloudWatch: alarms", Item.ALARM_METRIC, months * _ALARMS, f"about {_ALARMS}, {_HOURS} h")
    yield line("CloudWatch: a dashboard", Item.DASHBOARD, months, f"{_HOURS} h, beyond three")
    yield line("Step Functions", Item.TRANSITION, _TRANSITIONS, f"about {_TRANSITIONS} transitions")
    yield Line("Lambda, S3, DynamoDB, SQS, SNS, logs", 0.05, "at most")


def shown(plan: Plan) -> str:
    """As it is printed before the question."""
    lines = estimate(plan)
    width = max(len(line.what) for line in lines)
    rows = [f"  {line.what:<{width}}  {line.usd:8.4f}  {line.how}" for line in lines]
    total = sum(line.usd for line in lines)
    return "\n".join(
        [
            f"An estimate, not an offer. {SOURCE}.",
            *rows,
            f"  {'together':<{width}}  {total:8.4f}  for {_HOURS} hours",
            "With --keep the key, the alarms, the dashboard and a campaign go on billing, until "
            f"`--only-clean {plan.run}`.",
        ]
    )
