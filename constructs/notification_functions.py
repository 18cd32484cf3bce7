"""The functions of the notification workflows: one per step, shared by all notifications of a stage."""

from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from constructs import Construct
from constructs.access import Access
from constructs.data_bucket import DATASETS, NOTIFICATIONS, RUNS, DataBucket
from constructs.function_code import LAMBDA_SRC
from constructs.notification_emails import NotificationEmails
from constructs.pip_layer import PipLayer, PipLayerProps
from constructs.python_function import PythonFunction, PythonFunctionProps
from constructs.serving_table import ServingTable
from constructs.unsubscribe_secret import UnsubscribeSecret

_EVERY_RUN = "Each run of each notification has a folder of its own, and the function serves them all"


@dataclass(frozen=True, kw_only=True)
class NotificationFunctionsProps:
    """environment: of every function. table: of notifications; lists: of recommendations.

    api_address_parameter: name of the parameter with the serving API's address. emails: none sends none.
    push_applications: ARNs of SNS platform applications.
    """

    environment: Mapping[str, str]
    data: DataBucket
    lists: ServingTable
    table: ServingTable
    secret: UnsubscribeSecret
    api_address_parameter: str
    emails: tuple[NotificationEmails, ...]
    push_applications: tuple[str, ...]
    retain_logs: bool = False


class NotificationFunctions(Construct):
    """Each function may do what its step needs, and nothing else."""

    def __init__(self, scope: Construct, construct_id: str, props: NotificationFunctionsProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        self.plan_notifications = self._plan()
        self.notify = self._notify()
        self.report_notifications = self._report()

    @property
    def all(self) -> dict[str, PythonFunction]:
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
        function = self._function(
            "Plan",
            "plan_notifications",
            "Pins week and generation of a run, and cuts its recipients into shards",
            memory_mb=1769,
            timeout_seconds=900,
            layers=(zones.version,),
        )
        self._read(function, DATASETS)
        self._put(function, NOTIFICATIONS)
        function.allow(self._lists("dynamodb:GetItem", keys="pointer#*"))
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
        function = self._function(
            "Notify",
            "notify",
            "Notifies the users of one shard: inbox, push message, e-mail",
            timeout_seconds=600,
            environment={
                "NOTIFICATIONS_TABLE": props.table.name,
                "UNSUBSCRIBE_SECRET": props.secret.name,
                "API_ADDRESS_PARAMETER": props.api_address_parameter,
            },
        )
        self._read(function, NOTIFICATIONS)
        self._put(function, NOTIFICATIONS)
        function.allow(
            self._lists("dynamodb:BatchGetItem", keys="user#*"),
            self._lists("dynamodb:GetItem", keys="popular#*"),
            self._items(
                props.table,
                ("dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"),
                "user#*",
            ),
        )
        if props.push_applications:
            function.allow(
                Access(
                    actions=("sns:Publish",),
                    resources=tuple(endpoints_of(arn) for arn in props.push_applications),
                    why="SNS makes an endpoint of its own name for every device that registers",
                )
            )
        if props.emails:
            function.allow(
                *(emails.sending for emails in props.emails), props.secret.reading, self._api_address()
            )
        return function

    def _report(self) -> PythonFunction:
        function = self._function(
            "Report", "report_notifications", "Counts what a run of notifications did", timeout_seconds=300
        )
        self._read(function, NOTIFICATIONS)
        self._put(function, RUNS)
        return function

    def _api_address(self) -> Access:
        name = self._props.api_address_parameter.removeprefix("/")
        arn = cdk.Stack.of(self).format_arn(service="ssm", resource="parameter", resource_name=name)
        return Access(actions=("ssm:GetParameter",), resources=(arn,))

    def _function(
        self,
        construct_id: str,
        step: str,
        description: str,
        *,
        timeout_seconds: int,
        memory_mb: int = 512,
        layers: tuple[lambda_.ILayerVersion, ...] = (),
        environment: Mapping[str, str] | None = None,
    ) -> PythonFunction:
        shared = {
            "DATA_BUCKET": self._props.data.bucket.bucket_name,
            "SERVING_TABLE": self._props.lists.name,
        }
        return PythonFunction(
            self,
            construct_id,
            PythonFunctionProps(
                handler=f"steps.{step}.lambda_handler",
                description=description,
                environment={**self._props.environment, **shared, **(environment or {})},
                memory_mb=memory_mb,
                timeout_seconds=timeout_seconds,
                layers=layers,
                traced=True,
                retain_logs=self._props.retain_logs,
            ),
        )

    def _read(self, function: PythonFunction, prefix: str) -> None:
        """Who may not list the bucket is told `access denied` of an object that does not exist."""
        self._props.data.grant_read(function.role, prefix, why=_EVERY_RUN)
        self._props.data.grant_list(function.role)

    def _put(self, function: PythonFunction, prefix: str) -> None:
        function.allow(
            Access(actions=("s3:PutObject",), resources=(self._props.data.objects(prefix),), why=_EVERY_RUN),
            Access(actions=("kms:GenerateDataKey",), resources=(self._props.data.key.key_arn,)),
        )

    def _lists(self, *actions: str, keys: str) -> Access:
        return self._items(self._props.lists, actions, keys)

    @staticmethod
    def _items(table: ServingTable, actions: tuple[str, ...], keys: str) -> Access:
        """Rights on the items of a table whose partition key looks like `keys`."""
        return Access(
            actions=actions,
            resources=(table.table.table_arn,),
            conditions={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [keys]}},
        )


def endpoints_of(application_arn: str) -> str:
    """The devices of a platform application: their ARNs name it."""
    return f"{application_arn.replace(':app/', ':endpoint/')}/*"
