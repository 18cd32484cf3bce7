"""What stands in the environment of functions, whichever they are."""

from constructs.ground.pipeline_metrics import NAMESPACE

from config.derived.names import app_name
from config.schema import StageConfig


def function_environment(stage: StageConfig) -> dict[str, str]:
    return {"STAGE": stage.name, "POWERTOOLS_SERVICE_NAME": app_name(stage.name)}


def step_environment(stage: StageConfig) -> dict[str, str]:
    """Of functions that count more than requests."""
    return {**function_environment(stage), "POWERTOOLS_METRICS_NAMESPACE": NAMESPACE}
