"""What a change costs stands in its review, by what causes it."""

from datetime import date

import pytest

from costs.prices import catalogue
from costs.prices.catalogue import BadPrices
from review.costing import costs
from review.reading.assemblies import Stack

TODAY = date(2026, 11, 30)
ALARM = {
    "Type": "AWS::CloudWatch::Alarm",
    "Properties": {"Namespace": "AWS/SQS", "MetricName": "NumberOfMessagesSent"},
}


def stack(**resources: object) -> dict[str, Stack]:
    return {
        "Prod-eu-west-1-Training": Stack(
            name="Prod-eu-west-1-Training",
            id="Prod-eu-west-1/Training",
            account="123456789012",
            region="eu-west-1",
            template={"Resources": resources},
        )
    }


def test_an_alarm_more_costs_ten_cents_a_month() -> None:
    """https://aws.amazon.com/cloudwatch/pricing/: a metric of a standard alarm."""
    [more] = costs(stack(), stack(Late=ALARM), today=TODAY)
    assert (more.stage, more.region) == ("prod", "eu-west-1")
    assert more.monthly_usd == pytest.approx(0.10)
    assert "Late" in more.cause
    [less] = costs(stack(Late=ALARM), stack(), today=TODAY)
    assert less.monthly_usd == pytest.approx(-0.10)


def test_what_stays_costs_no_more() -> None:
    assert costs(stack(Late=ALARM), stack(Late=ALARM), today=TODAY) == []


def test_prices_that_cannot_be_read_leave_the_costs_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def bad() -> None:
        raise BadPrices("eu-west-1.toml: no source")

    monkeypatch.setattr("costs.delta.catalogue", bad)
    [unknown] = costs(stack(), stack(Late=ALARM), today=TODAY)
    assert (unknown.monthly_usd, unknown.notes) == (None, ("eu-west-1.toml: no source",))
    assert catalogue.catalogue().by_region


def test_an_estimate_that_fails_at_a_template_leaves_the_rest_of_the_review_alone() -> None:
    odd = {"Type": ALARM["Type"], "Properties": {"Namespace": "AWS/SQS", "Period": {"Ref": "Parameter"}}}

    [unknown] = costs(stack(), stack(Late=odd), today=TODAY)

    assert unknown.monthly_usd is None and "could not be made of these templates" in unknown.notes[0]
