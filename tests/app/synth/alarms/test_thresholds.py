"""Figures of alarms as they were meant."""

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template as Synthesised
from constructs.events.conversion import ConversionAlarm, ConversionMetrics, ConversionProps

from tests.app.support.template_reading import Template, resources_of


def test_thresholds_are_the_figures_that_were_meant(templates: dict[str, Template]) -> None:
    for template in templates.values():
        for alarm in resources_of(template, "AWS::CloudWatch::Alarm").values():
            assert len(str(alarm["Threshold"])) <= 10, alarm["Threshold"]


@pytest.mark.parametrize("share", [0.07, 0.14, 0.28, 0.29, 0.55, 0.57, 0.58])
def test_a_share_is_no_more_and_no_less_than_its_percents(share: float) -> None:
    stack = cdk.Stack(cdk.App(), "Any")
    props = ConversionProps(use_case="any", goal=0.9, floor=share, minimum_impressions=1)
    topic = sns.Topic(stack, "Topic")
    ConversionAlarm(stack, "Alarm", props, metrics=ConversionMetrics("any"), topic=topic)

    [found] = Synthesised.from_stack(stack).find_resources("AWS::CloudWatch::Alarm").values()
    assert f"{found['Properties']['Threshold']}" == f"{share:.0%}".removesuffix("%")
