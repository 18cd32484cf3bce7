"""What canaries of a stage see."""

from constructs.serving.region_metrics import RegionMetrics

from config.schema import StageConfig


def region_metrics(stage: StageConfig) -> RegionMetrics:
    return RegionMetrics(stage=stage.name, regions=stage.regions, minutes=stage.api.canary.minutes)
