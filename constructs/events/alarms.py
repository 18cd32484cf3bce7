"""Alarms of the queue of posted events, and what the dashboard shows of it."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.events.queue import EventQueue
from constructs.ground.alarm import alarm

_PERIOD = cdk.Duration.minutes(5)
_OLDEST_MINUTES = 15


class EventAlarms(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, queue: EventQueue, topic: sns.ITopic) -> None:
        super().__init__(scope, construct_id)
        alarm(
            self,
            "DeadLetters",
            queue.dead_letters.metric_approximate_number_of_messages_visible(
                statistic="Maximum", period=_PERIOD
            ),
            topic=topic,
            remedy="Posted events could not be processed",
            what=f"Posted events could not be processed; they are kept in {queue.name}-dead.",
            todo="The consumer's log has the reasons. Once the cause is mended, send them again: "
            "python -m operations redrive.",
        )
        alarm(
            self,
            "Waiting",
            queue.queue.metric_approximate_age_of_oldest_message(statistic="Maximum", period=_PERIOD),
            topic=topic,
            threshold=_OLDEST_MINUTES * 60,
            periods=2,
            remedy="Posted events wait",
            what=f"Posted events wait for more than {_OLDEST_MINUTES} minutes to be processed.",
            todo="See the consumer's errors and throttles, those of its table, and Personalize's.",
        )


def event_widgets(queue: EventQueue) -> list[cloudwatch.IWidget]:
    hour = cdk.Duration.hours(1)
    main, dead = queue.queue, queue.dead_letters
    return [
        cloudwatch.GraphWidget(
            title="Events and attributes posted",
            left=[main.metric_number_of_messages_sent(statistic="Sum", period=hour, label="messages")],
            width=8,
            height=6,
        ),
        cloudwatch.GraphWidget(
            title="Age of the oldest that waits (s)",
            left=[
                main.metric_approximate_age_of_oldest_message(
                    statistic="Maximum", period=_PERIOD, label="age"
                )
            ],
            width=8,
            height=6,
        ),
        cloudwatch.GraphWidget(
            title="Could not be processed",
            left=[
                dead.metric_approximate_number_of_messages_visible(
                    statistic="Maximum", period=_PERIOD, label="dead letters"
                )
            ],
            width=8,
            height=6,
        ),
    ]
