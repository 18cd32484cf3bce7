"""The function that tells of executions that ended without having said so themselves."""

from constructs.ground.failure_topic import FailureTopic
from constructs.ground.python_function import PythonFunction
from constructs.workflow.steps import Steps


def ending_teller(steps: Steps, topic: FailureTopic) -> PythonFunction:
    """May publish to the topic, and nothing else; see `UnnoticedEndings` for who calls it.

    A function, because a rule cannot give SNS a subject, and writes an error as JSON within JSON.
    """
    function = steps.function(
        "TellEnding",
        "tell_ending",
        "Tells how an execution ended that could not say so itself",
        environment={"TOPIC_ARN": topic.topic.topic_arn},
    )
    function.allow(*topic.publishing)
    return function
