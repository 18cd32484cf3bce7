"""A Lambda function in Python: its code, its log group, and a role with only the rights it is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct
from constructs.ground.access import Access, allow
from constructs.ground.function_code import function_code
from constructs.ground.powertools_layer import powertools_layer
from constructs.ground.removal import removal


@dataclass(frozen=True, kw_only=True)
class FunctionNetwork:
    """Where a function runs that reaches a private network; by id, so that synth looks nothing up.

    The subnets need a way to S3, Secrets Manager and CloudWatch: endpoints or a NAT gateway.
    """

    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PythonFunctionProps:
    """handler: dotted path below lambda_src. memory_mb: 128-10,240; a full CPU comes with 1,769.
    timeout_seconds: 1-900. ephemeral_mb: size of /tmp, 512-10,240. layers: besides Powertools, which every
    function has. network: none means no VPC.
    retain_logs: whether the log group outlives the stack. name: by which others call it, in other regions
    too; None: one of CloudFormation's making.
    """

    handler: str
    description: str
    environment: Mapping[str, str] = field(default_factory=dict)
    memory_mb: int = 256
    timeout_seconds: int = 60
    ephemeral_mb: int = 512
    layers: tuple[lambda_.ILayerVersion, ...] = ()
    network: FunctionNetwork | None = None
    traced: bool = False
    log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH
    retain_logs: bool = False
    name: str | None = None


class PythonFunction(Construct):
    """Python 3.13 on arm64.

    The log group is encrypted with CloudWatch's own key: logs hold counts and shortened ids, and a key of
    ours would be one more thing whose loss silences them.
    """

    def __init__(self, scope: Construct, construct_id: str, props: PythonFunctionProps) -> None:
        super().__init__(scope, construct_id)
        self.timeout_seconds = props.timeout_seconds
        self.log_group = logs.LogGroup(
            self,
            "Logs",
            retention=props.log_retention,
            removal_policy=removal(retain=props.retain_logs),
        )
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"Of the function {props.handler}",
        )
        self.allow(
            Access(
                actions=("logs:CreateLogStream", "logs:PutLogEvents"),
                resources=(self.log_group.log_group_arn,),
            )
        )
        if props.traced:
            self.allow(_TRACING)
        if props.network:
            self.allow(_NETWORK_INTERFACES)
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=props.name,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            code=function_code(),
            handler=props.handler,
            description=props.description,
            environment=dict(props.environment),
            memory_size=props.memory_mb,
            timeout=cdk.Duration.seconds(props.timeout_seconds),
            ephemeral_storage_size=cdk.Size.mebibytes(props.ephemeral_mb),
            layers=[powertools_layer(self), *props.layers],
            # The rights to write traces are given above; the CDK would give them once more, unexplained.
            role=self.role.without_policy_updates(),
            log_group=self.log_group,
        )
        self.function.node.add_dependency(self.role)
        resource = self.function.node.default_child
        assert isinstance(resource, lambda_.CfnFunction)
        if props.traced:
            resource.tracing_config = lambda_.CfnFunction.TracingConfigProperty(mode="Active")
        if props.network:
            resource.vpc_config = lambda_.CfnFunction.VpcConfigProperty(
                subnet_ids=list(props.network.subnet_ids),
                security_group_ids=list(props.network.security_group_ids),
            )
        cdk.Validations.of(self.function).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions-L1",
                reason="Lambda supports Python 3.13 until June 2029, exactly as long as 3.14",
            )
        )

    @property
    def arn(self) -> str:
        return self.function.function_arn

    def allow(self, *accesses: Access) -> None:
        """Gives the function rights, each on the resources it names."""
        allow(self.role, *accesses)


_TRACING = Access(
    actions=("xray:PutTraceSegments", "xray:PutTelemetryRecords"),
    resources=("*",),
    why="X-Ray has no resources to name: these two actions only write traces",
)
_NETWORK_INTERFACES = Access(
    actions=(
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
    ),
    resources=("*",),
    why="Lambda attaches functions to the VPC by network interfaces whose ids do not exist beforehand",
)
