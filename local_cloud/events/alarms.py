"""What moto's CloudWatch lacks, put in."""

from moto.cloudwatch.responses import CloudWatchResponse

from local_cloud.ground.settings import Settings


def install(settings: Settings) -> None:
    """Accept composite alarms: moto's alarms have a place for their rule, but no operation leads there.

    Raises: RuntimeError, if moto has them.
    """
    if hasattr(CloudWatchResponse, "put_composite_alarm"):
        raise RuntimeError("this version of moto has PutCompositeAlarm: this patch is needless")
    setattr(CloudWatchResponse, "put_composite_alarm", CloudWatchResponse.put_metric_alarm)  # noqa: B010
