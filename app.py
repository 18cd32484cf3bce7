"""Every stage in every region: `cdk ls` shows them all, and one synth serves all deployments."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from constructs import Construct
from constructs.ground.failure_topic import FailureTopic
from constructs.ground.personalize_service import tag_everything_that_may_be

from config.rules import check
from config.schema import APP, Notification, StageConfig, UseCase, use_cases_in
from config.telling import mistakes_told
from config.types.errors import ConfigError, Notice
from stacks.canary import CanaryStack
from stacks.copies import CopiesStack, receivers
from stacks.data import DataStack, model_days
from stacks.experiments import ExperimentsStack
from stacks.notifications import NotificationsStack
from stacks.observability import ObservabilityStack
from stacks.props.ramp import ramped_use_cases
from stacks.replica import ReplicaStack
from stacks.routing import ROUTED_FROM, RoutingStack
from stacks.serving import ServingStack
from stacks.switching import SwitchingStack
from stacks.tracking import TrackingStack
from stacks.training import TrainingStack

with mistakes_told():
    from config.notifications import NOTIFICATIONS
    from config.stages import STAGES
    from config.use_cases import USE_CASES

CDK_JSON = Path(__file__).with_name("cdk.json")
STAGE_NAMES = tuple(stage.name for stage in STAGES)


def build_app(
    stages: Sequence[StageConfig] = STAGES,
    use_cases: Sequence[UseCase] = USE_CASES,
    notifications: Sequence[Notification] = NOTIFICATIONS,
    *,
    outdir: str | None = None,
    context: Mapping[str, Any] | None = None,
    elsewhere: Sequence[str] = STAGE_NAMES,
) -> cdk.App:
    """Raises: ConfigError, with all problems at once, before anything is built.

    context: on top of that of cdk.json; `{"aws:cdk:bundling-stacks": []}` builds no layers. elsewhere: names
    of stages that use cases may speak of, besides those that are built.
    """
    notices = check(stages, use_cases, notifications, elsewhere=elsewhere)
    # Outside of the CDK CLI nobody hands us the feature flags of cdk.json, and without them
    # the tests would look at templates that are never deployed.
    flags = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    # A warning's stack trace has paths of the process that made it.
    app = cdk.App(
        context={**flags, **(context or {})}, analytics_reporting=False, outdir=outdir, stack_traces=False
    )
    for stage in stages:
        own = [notice for notice in notices if stage.name in notice.stages]
        _build_training(app, stage, stage, use_cases, notifications, own)
        for standby in stage.standby_regions:
            _build_training(app, stage, stage.in_standby(standby), use_cases, notifications, ())
        for region in stage.replica_regions:
            _build_replica(app, stage, region, use_cases)
        if stage.api.domain:
            RoutingStack(_region(app, stage, ROUTED_FROM), "Routing", stage=stage, domain=stage.api.domain)
    return app


def _build_training(
    app: cdk.App,
    whole: StageConfig,
    stage: StageConfig,
    use_cases: Sequence[UseCase],
    notifications: Sequence[Notification],
    notices: Sequence[Notice],
) -> None:
    """whole: the stage as configured. stage: as the region sees it."""
    scope = _region(app, stage, stage.region)
    everywhere = _somewhere_active(whole, use_cases)
    use_cases = use_cases_in(stage.name, stage.region, use_cases)
    data = DataStack(
        scope,
        "Data",
        stage=stage,
        use_cases=use_cases,
        active_regions=whole.active_regions,
        copies=_copies(scope, whole, stage, everywhere),
        receivers=receivers(whole, stage.region),
    )
    training = TrainingStack(scope, "Training", stage=stage, use_cases=use_cases, data=data)
    # The training stack knows models by name, which CloudFormation does not see as a reference.
    training.add_stack_dependency(data)
    tracking = TrackingStack(scope, "Tracking", stage=stage, use_cases=use_cases, data=data)
    tracking.add_stack_dependency(data)
    notifying = _notifications(scope, stage, notifications, use_cases, data, training)
    serving = ServingStack(
        scope,
        "Serving",
        stage=stage,
        whole=whole,
        region=stage.region,
        use_cases=use_cases,
        data=data.bucket,
    )
    # Functions know the table by name.
    serving.add_stack_dependency(data)
    if notifying:
        serving.add_stack_dependency(notifying)
    if ramped_use_cases(stage, use_cases):
        ExperimentsStack(
            scope,
            "Experiments",
            stage=stage,
            use_cases=use_cases,
            data=data,
            training=training,
            serving=serving,
        )
    ObservabilityStack(
        scope,
        "Observability",
        stage=stage,
        use_cases=use_cases,
        data=data,
        training=training,
        tracking=tracking,
        serving=serving,
        notified=sorted({one.use_case for one in notifications}) if notifying else (),
    )
    _ask_regions(scope, whole, stage.region, everywhere, training.topic, serving)
    if len(whole.active_regions) > 1:
        SwitchingStack(
            scope,
            "Switching",
            stage=whole,
            region=stage.region,
            use_cases=everywhere,
            notifications=notifications,
            data=data,
            training=training,
        )
    for notice in notices:
        cdk.Annotations.of(data).add_warning_v2(notice.id, notice.text)


def _copies(
    scope: Construct, whole: StageConfig, stage: StageConfig, everywhere: Sequence[UseCase]
) -> CopiesStack | None:
    if len(whole.active_regions) == 1:
        return None
    return CopiesStack(scope, "Copies", stage=stage, model_days=model_days(everywhere))


def _somewhere_active(stage: StageConfig, use_cases: Sequence[UseCase]) -> tuple[UseCase, ...]:
    """Those of any region that may be active: a switch has to do with all of them."""
    regions = stage.active_regions
    return tuple(case for case in use_cases if any(case.in_place(stage.name, region) for region in regions))


def _notifications(
    scope: Construct,
    stage: StageConfig,
    notifications: Sequence[Notification],
    use_cases: Sequence[UseCase],
    data: DataStack,
    training: TrainingStack,
) -> NotificationsStack | None:
    if stage.notifications is None:
        return None
    return NotificationsStack(
        scope,
        "Notifications",
        stage=stage,
        notifying=stage.notifications,
        notifications=notifications,
        use_cases=use_cases,
        data=data,
        training=training,
    )


def _build_replica(app: cdk.App, stage: StageConfig, region: str, use_cases: Sequence[UseCase]) -> None:
    scope = _region(app, stage, region)
    there = use_cases_in(stage.name, region, use_cases)
    serving = ServingStack(scope, "Serving", stage=stage, whole=stage, region=region, use_cases=there)
    watch = ReplicaStack(scope, "Observability", stage=stage, region=region, serving=serving)
    _ask_regions(scope, stage, region, use_cases, watch.topic, serving)


def _ask_regions(
    scope: Construct,
    stage: StageConfig,
    region: str,
    use_cases: Sequence[UseCase],
    topic: FailureTopic,
    serving: ServingStack,
) -> None:
    """stage: as configured."""
    if not stage.api.canary.enabled or len(stage.regions) < 2:
        return
    canary = CanaryStack(scope, "Canary", stage=stage, region=region, use_cases=use_cases, topic=topic.topic)
    # There would be nobody to answer.
    canary.add_stack_dependency(serving)


def _region(app: cdk.App, stage: StageConfig, region: str) -> cdk.Stage:
    """The one that there is, or a new one."""
    there = app.node.try_find_child(stage.id_in(region))
    if isinstance(there, cdk.Stage):
        return there
    scope = cdk.Stage(app, stage.id_in(region), env=cdk.Environment(account=stage.account, region=region))
    for key, value in (("stage", stage.name), ("service", APP), ("owner", stage.owner)):
        tag_everything_that_may_be(scope, key, value)
    return scope


def synthesise(stages: Sequence[StageConfig] = STAGES) -> None:
    """For the CDK CLI; what is wrong with the configuration is said without a traceback."""
    try:
        build_app(stages).synth()
    except ConfigError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    synthesise()
