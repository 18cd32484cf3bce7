"""The functions of the notification workflows: one per step, shared by all notifications of a stage."""

from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from constructs import Construct
from constructs.ground.access import Access
from constructs.ground.failure_topic import FailureTopic
from constructs.ground.function_code import LAMBDA_SRC
from constructs.ground.pip_layer import PipLayer, PipLayerProps
from constructs.ground.python_function import PythonFunction
from constructs.notifications.emails import NotificationEmails
from constructs.notifications.unsubscribe_secret import UnsubscribeSecret
from constructs.storage.active_regions import ActiveRegions
from constructs.storage.data_bucket import DATASETS, NOTIFICATIONS, RUNS, DataBucket
from constructs.storage.item_table import DENIED, OPTED_OUT, ItemTable
from constructs.workflow.ending_teller import ending_teller
from constructs.workflow.steps import Steps

_COUNTS = ("shards.json", "results/*")
"""Files of a run that have nobody's data in them."""


@dataclass(frozen=True, kw_only=True)
class NotificationFunctionsProps:
    """environment: of every function. table: of notifications; lists: of recommendations, and who may tell.

    topic: where endings of executions are told.
    api_address_parameter: name of the parameter with the serving API's address. emails: none sends none.
    push_applications: ARNs of SNS platform applications.
    """

    environment: Mapping[str, str]
    data: DataBucket
    lists: ActiveRegions
    topic: FailureTopic
    table: ItemTable
    secret: UnsubscribeSecret
    api_address_parameter: str
    emails: tuple[NotificationEmails, ...]
    push_applications: tuple[str, ...]
    retain_logs: bool = False


class NotificationFunctions(Construct):
    """Each function may do what its step needs, and nothing else."""

    def __init__(self, scope: Construct, construct_id: str, props: NotificationFunctionsProps) -> None:
        super().__init__(scope, construct_id)
        self._props, self.active = props, props.lists
        self._steps = Steps(
            scope=self,
            environment=props.environment,
            data=props.data,
            serving=props.lists.table,
            of="notification",
            retain_logs=props.retain_logs,
        )
        self.plan_notifications = self._plan()
        self.notify = self._notify()
        self.report_notifications = self._report()
        self.tell_ending = self._tell_ending()

    @property
    def all(self) -> dict[str, PythonFunction]:
        """Steps, and what tells of executions' endings."""
        return {**self.steps, "tell_ending": self.tell_ending}

    @property
    def steps(self) -> dict[str, PythonFunction]:
        """By the step's name."""
        return {
            "plan_notifications": self.plan_notifications,
            "notify": self.notify,
            "report_notifications": self.report_notifications,
        }

    def _plan(self) -> PythonFunction:
        zones = PipLayer(
            self,
            "TimeZones",
            PipLayerProps(
                requirements=LAMBDA_SRC / "requirements-notifications.txt", description="Time zones"
            ),
        )
        function = self._steps.function(
            "Plan",
            "plan_notifications",
            "Pins week and generation of a run, and cuts its recipients into shards",
            memory_mb=1769,
            timeout_seconds=900,
            layers=(zones.version,),
            environment=self.active.environment,
        )
        self._steps.let_read(function, DATASETS)
        self._steps.let_put(function, NOTIFICATIONS)
        lists = self._props.lists.table
        function.allow(
            lists.items(("dynamodb:GetItem",), "experiment#*"),
            lists.items(("dynamodb:Query",), "pointer#*"),
            *self.active.asking,
        )
        if self._props.emails:
            function.allow(
                Access(
                    actions=("ses:ListSuppressedDestinations",),
                    resources=("*",),
                    why="The suppression list is the account's, and has no ARN of its own",
                )
            )
        return function

    def _notify(self) -> PythonFunction:
        props = self._props
        function = self._steps.function(
            "Notify",
            "notify",
            "Notifies the users of one shard: inbox, push message, e-mail",
            timeout_seconds=600,
            environment={
                "NOTIFICATIONS_TABLE": props.table.name,
                "UNSUBSCRIBE_SECRET": props.secret.name,
                "API_ADDRESS_PARAMETER": props.api_address_parameter,
                **self.active.environment,
            },
        )
        self._steps.let_read(function, NOTIFICATIONS)
        self._steps.let_put(function, NOTIFICATIONS)
        function.allow(
            *self.active.asking,
            props.lists.table.items(("dynamodb:BatchGetItem",), "user#*"),
            props.lists.table.items(("dynamodb:GetItem",), OPTED_OUT, "popular#*"),
            props.lists.table.items(("dynamodb:Query",), DENIED, OPTED_OUT),
            props.table.items(
                ("dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"),
                "user#*",
            ),
            props.table.items(("dynamodb:DeleteItem",), "endpoint#*"),
        )
        if props.push_applications:
            function.allow(
                Access(
                    actions=("sns:Publish",),
                    # The applications are a guess: SNS names them when it denies other actions on endpoints.
                    resources=(
                        *props.push_applications,
                        *(endpoints_of(arn) for arn in props.push_applications),
                    ),
                    why="SNS makes an endpoint of its own name for every device that registers",
                )
            )
        if props.emails:
            function.allow(
                *(emails.sending for emails in props.emails), props.secret.reading, self._api_address()
            )
        return function

    def _report(self) -> PythonFunction:
        function = self._steps.function(
            "Report", "report_notifications", "Counts what a run of notifications did", timeout_seconds=300
        )
        self._steps.let_read(function, NOTIFICATIONS)
        self._steps.let_put(function, RUNS)
        return function

    def _tell_ending(self) -> PythonFunction:
        """It counts what a run has done so far, without a look at the people."""
        function = ending_teller(self._steps, self._props.topic)
        data = self._props.data
        counts = tuple(data.bucket.arn_for_objects(f"{NOTIFICATIONS}/*/{files}") for files in _COUNTS)
        data.grant_list(function.role)
        function.allow(
            Access(
                actions=("s3:GetObject",),
                resources=counts,
                why="Each run of each notification has a folder of its own, and the function serves them all",
            ),
            Access(actions=("kms:Decrypt",), resources=(data.key.key_arn,)),
        )
        return function

    def _api_address(self) -> Access:
        name = self._props.api_address_parameter.removeprefix("/")
        arn = cdk.Stack.of(self).format_arn(service="ssm", resource="parameter", resource_name=name)
        return Access(actions=("ssm:GetParameter",), resources=(arn,))


def endpoints_of(application_arn: str) -> str:
    """The devices of a platform application: their ARNs name it."""
    return f"{application_arn.replace(':app/', ':endpoint/')}/*"
