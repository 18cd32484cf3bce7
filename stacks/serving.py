"""What answers the application's users, in every region of a stage."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_ssm as ssm
from constructs import Construct
from constructs.events.tracking_api import TrackingApi
from constructs.ground.http_api import HttpApi, HttpApiProps, JwtProps
from constructs.ground.python_function import PythonFunction
from constructs.notifications.api import NotificationsApi, NotificationsApiProps
from constructs.serving.api import EndpointProps, RealtimeProps, ServerProps, ServingApi, ServingApiProps
from constructs.serving.regional_name import RegionalName, RegionalNameProps
from constructs.serving.stored_models import OwnRealtimeProps, StoredProps
from constructs.storage.data_bucket import DataBucket

from config.derived.names import (
    PersonalizeNames,
    api_address_parameter,
    app_name,
    lasting_address,
    notifications_table_name,
    regional_api_parameter,
    regional_name,
    serving_table_name,
    tracking_table_name,
    unsubscribe_secret_name,
)
from config.schema import ApiDomain, IamAuthorization, JwtAuthorization, Notifying, StageConfig, UseCase
from stacks.props.function_environment import function_environment
from stacks.props.remembered import remembered_types
from stacks.props.tracking_api import tracking_api_props


class ServingStack(cdk.Stack):
    """Holds no data, and knows other stacks by names only, but for models in the region that trains:
    replicas have none of them.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: StageConfig,
        whole: StageConfig,
        region: str,
        use_cases: Sequence[UseCase],
        data: DataBucket | None = None,
    ) -> None:
        """stage: as the region sees it; whole: as configured. data: with the models of the variant `own`, in
        the region that trains.
        """
        super().__init__(
            scope,
            construct_id,
            description=f"Recommendations, {stage.name}: serving API",
            termination_protection=stage.protected,
        )
        self.variables = function_environment(stage)
        self.api = HttpApi(
            self,
            "Http",
            HttpApiProps(
                name=app_name(stage.name),
                jwt=_jwt(stage.api.authorization),
                rate_per_second=stage.api.throttling.rate_per_second,
                burst=stage.api.throttling.burst,
                cors_origins=stage.api.cors_origins,
                retain_logs=stage.keeps_data,
            ),
        )
        self.serving = ServingApi(
            self,
            "Serving",
            ServingApiProps(
                stage=stage.name,
                api=self.api,
                table_name=serving_table_name(stage.name),
                endpoints=tuple(
                    _endpoint(stage, region, use_case) for use_case in use_cases if use_case.endpoint
                ),
                environment=self.variables,
                role=whole.roles[region],
                active_regions=whole.active_regions,
                stored=self._stored(stage, data) if data and region == stage.region else None,
                notifies=stage.notifications is not None,
                retain_logs=stage.keeps_data,
            ),
        )
        self.tracking = TrackingApi(
            self,
            "Tracking",
            tracking_api_props(stage, use_cases, region=region, api=self.api, environment=self.variables),
        )
        self.notifications = self._notifications(stage, stage.notifications) if stage.notifications else None
        self._tell_others(whole)
        if whole.api.domain:
            self._name(whole, whole.api.domain)
        self._outputs()

    def _stored(self, stage: StageConfig, data: DataBucket) -> StoredProps:
        name = tracking_table_name(stage.name)
        arn = self.format_arn(service="dynamodb", resource="table", resource_name=name)
        return StoredProps(data=data, tracking_table=name, tracking_arn=arn)

    def _notifications(self, stage: StageConfig, notifying: Notifying) -> NotificationsApi:
        """E-mails are sent by the primary region, and link to its API."""
        return NotificationsApi(
            self,
            "Notifications",
            NotificationsApiProps(
                api=self.api,
                table_name=notifications_table_name(stage.name),
                serving_table=serving_table_name(stage.name),
                secret_name=unsubscribe_secret_name(stage.name),
                push_applications={application.platform: application.arn for application in notifying.push},
                address_parameter=api_address_parameter(stage.name) if self.region == stage.region else None,
                address=lasting_address(stage, self.region),
                environment=self.variables,
                retain_logs=stage.keeps_data,
            ),
        )

    @property
    def functions(self) -> dict[str, PythonFunction]:
        """All of the API's, by their entries' names."""
        others = self.notifications.all if self.notifications else {}
        return {**self.serving.all, **self.tracking.all, **others}

    def _tell_others(self, whole: StageConfig) -> None:
        """Where canaries of other regions find this API."""
        if len(whole.regions) > 1:
            ssm.StringParameter(
                self,
                "RegionalApi",
                parameter_name=regional_api_parameter(whole.name),
                description="Address of the serving API of this region, for canaries",
                string_value=self.api.url,
            )

    def _name(self, whole: StageConfig, domain: ApiDomain) -> None:
        """The name that all regions share must be known to each API, whichever it leads to."""
        named = RegionalName(
            self,
            "Name",
            RegionalNameProps(
                api=self.api,
                name=regional_name(domain.name, self.region),
                shared=domain.name if domain.routing else None,
                zone_id=domain.zone_id,
                zone_name=domain.zone_name,
            ),
        )
        cdk.CfnOutput(
            self, "ApiName", value=named.url, description="Serving API of this region, by its own name"
        )

    def _outputs(self) -> None:
        cdk.CfnOutput(
            self,
            "ApiUrl",
            value=self.api.url,
            description="Serving API of this region; its description is at /v1/openapi.json",
        )
        cdk.CfnOutput(
            self,
            "ApiInvocationArn",
            value=self.api.invocation_arn,
            description="What a calling role needs execute-api:Invoke on",
        )


def _jwt(authorization: IamAuthorization | JwtAuthorization) -> JwtProps | None:
    if isinstance(authorization, IamAuthorization):
        return None
    return JwtProps(
        issuer=authorization.issuer,
        audience=authorization.audience,
        user_claim=authorization.user_claim,
    )


def _endpoint(stage: StageConfig, region: str, use_case: UseCase) -> EndpointProps:
    assert use_case.endpoint
    return EndpointProps(
        use_case=use_case.name,
        path=use_case.endpoint.path,
        kind=use_case.endpoint.kind.value,
        variant=use_case.default_variant,
        others=tuple(variant.name for variant in use_case.variants[1:]),
        longest=use_case.recommendations,
        people=use_case.own_items.includes_user,
        realtime=_realtime(stage, use_case) if region == stage.region else None,
        own=_own(stage, use_case) if region == stage.region else None,
        servers=_servers(stage, use_case) if region == stage.region else (),
    )


def _servers(stage: StageConfig, use_case: UseCase) -> tuple[ServerProps, ...]:
    """In the region where the secrets are; elsewhere the stored lists answer, as they do for campaigns."""
    assert use_case.endpoint
    realtime = use_case.endpoint.realtime
    return tuple(
        ServerProps(
            variant=variant,
            url=server.url,
            campaign_arn=server.campaign,
            filter_arn=server.filter,
            secret=server.secret,
            budget_ms=realtime.budget_ms,
        )
        for variant, server in use_case.servers_in(stage.name).items()
        if realtime
    )


def _own(stage: StageConfig, use_case: UseCase) -> OwnRealtimeProps | None:
    """Models are where they were trained."""
    realtime = use_case.own_realtime_in(stage.name)
    if realtime is None:
        return None
    assert use_case.endpoint
    assert use_case.endpoint.realtime
    return OwnRealtimeProps(
        budget_ms=use_case.endpoint.realtime.budget_ms,
        memory_mb=realtime.memory_mb,
        touched=bool(use_case.own_items.event_types),
        tracked=bool(remembered_types(stage, use_case)),
    )


def _realtime(stage: StageConfig, use_case: UseCase) -> RealtimeProps | None:
    """By names: campaign and filter are where the models are."""
    assert use_case.endpoint
    realtime = use_case.endpoint.realtime
    if realtime is None or use_case.campaign_in(stage.name) is None:
        return None
    names = PersonalizeNames(stage.name, use_case)
    prefix = f"arn:aws:personalize:{stage.region}:{stage.account}"
    return RealtimeProps(
        campaign_arn=f"{prefix}:campaign/{names.campaign}",
        filter_arn=f"{prefix}:filter/{names.own_items_filter}" if names.own_items_filter else None,
        budget_ms=realtime.budget_ms,
    )
