"""The functions of a switch: one leads it, and may call one in each region, which acts only there."""

from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from constructs import Construct
from constructs.ground.access import Access
from constructs.ground.python_function import PythonFunction, PythonFunctionProps
from constructs.storage.active_regions import ActiveRegions
from constructs.storage.data_bucket import SWITCHES, DataBucket
from constructs.storage.item_table import items_access
from constructs.switching.props import EstateProps

_ACT_SECONDS, _LEAD_SECONDS = 120, 600
_READ = ("pointer#*", "popular#*")
_MARKS = "mark#*"


@dataclass(frozen=True, kw_only=True)
class SwitchFunctionsProps:
    """name: of the function that acts, the same in every region. environment: of both."""

    name: str
    environment: Mapping[str, str]
    active: ActiveRegions
    estate: EstateProps
    data: DataBucket
    retain_logs: bool = False


class SwitchFunctions(Construct):
    def __init__(self, scope: Construct, construct_id: str, props: SwitchFunctionsProps) -> None:
        super().__init__(scope, construct_id)
        self._props, self._stack = props, cdk.Stack.of(self)
        self.acts = self._acts()
        self.leads = self._leads()

    @property
    def all(self) -> dict[str, PythonFunction]:
        return {"act_in_region": self.acts, "lead_switch": self.leads}

    def _acts(self) -> PythonFunction:
        props, active = self._props, self._props.active
        function = PythonFunction(
            self,
            "Act",
            PythonFunctionProps(
                name=props.name,
                handler="steps.switching.act.lambda_handler",
                description="Does a step of a switch in this region",
                environment={
                    **props.environment,
                    **active.environment,
                    "SERVING_TABLE": active.table.name,
                    "DATA_BUCKET": props.data.bucket.bucket_name,
                },
                memory_mb=512,
                timeout_seconds=_ACT_SECONDS,
                traced=True,
                retain_logs=props.retain_logs,
            ),
        )
        function.allow(
            *active.asking,
            active.changing,
            active.table.items(("dynamodb:Query",), *_READ),
            *(
                items_access(self._table(name), ("dynamodb:BatchGetItem", "dynamodb:PutItem"), _MARKS)
                for name in props.estate.tables
            ),
            *self._schedules(),
            Access(actions=("states:ListExecutions",), resources=self._machines()),
        )
        why = "Each switch has a record of its own, named after its run"
        props.data.grant_put(function.role, SWITCHES, why=why)
        return function

    def _schedules(self) -> tuple[Access, ...]:
        """UpdateSchedule replaces everything, the role of the schedule too."""
        props, stack = self._props, self._stack
        if not props.estate.schedules:
            return ()
        schedules = tuple(
            stack.format_arn(service="scheduler", resource="schedule", resource_name=f"default/{name}")
            for name in props.estate.schedules
        )
        roles = stack.format_arn(
            service="iam",
            region="",
            resource="role",
            resource_name=f"{props.estate.schedule_roles.strip('/')}/*",
        )
        return (
            Access(actions=("scheduler:GetSchedule", "scheduler:UpdateSchedule"), resources=schedules),
            Access(
                actions=("iam:PassRole",),
                resources=(roles,),
                why="Under this path are the roles of this stage's and region's schedules, and no others",
                conditions={"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}},
            ),
        )

    def _machines(self) -> tuple[str, ...]:
        return tuple(
            self._stack.format_arn(
                service="states",
                resource="stateMachine",
                resource_name=name,
                arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
            )
            for name in self._props.estate.machines
        )

    def _table(self, name: str) -> str:
        return self._stack.format_arn(service="dynamodb", resource="table", resource_name=name)

    def _leads(self) -> PythonFunction:
        props = self._props
        function = PythonFunction(
            self,
            "Lead",
            PythonFunctionProps(
                handler="steps.switching.lead.lambda_handler",
                description="Lets regions do a step of a switch, and notes when it began and ended",
                environment={**props.environment, "REGION_FUNCTION": props.name},
                timeout_seconds=_LEAD_SECONDS,
                traced=True,
                retain_logs=props.retain_logs,
            ),
        )
        acting = tuple(
            self._stack.format_arn(
                service="lambda",
                region=region,
                resource="function",
                resource_name=props.name,
                arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
            )
            for region in props.active.regions
        )
        function.allow(Access(actions=("lambda:InvokeFunction",), resources=acting))
        return function
