"""What is paid for, and in which unit."""

from enum import StrEnum


class Item(StrEnum):
    """Named in the price files by its value."""

    INGESTED_GB = "personalize-ingested-gb"
    TRAINING_HOUR = "personalize-training-hour"
    """Of recipes of the first generation."""
    TRAINING_INTERACTIONS = "personalize-training-thousand-interactions"
    """Of recipes of the second one, whose names end in -v2: of all interactions, at each training."""
    BATCH_FIRST = "personalize-batch-thousand-first-generation"
    BATCH_SECOND = "personalize-batch-thousand-second-generation"
    TPS_HOUR = "personalize-tps-hour"
    """Of a campaign of the first generation: the greater of provisioned and used transactions per second."""
    REQUESTS_SECOND = "personalize-thousand-requests"
    """Of a campaign of the second generation."""
    LAMBDA_REQUEST = "lambda-request"
    LAMBDA_GB_SECOND = "lambda-gb-second-arm"
    TRANSITION = "states-transition"
    """Of standard executions, those of a distributed map of such executions among them."""
    WRITE_UNIT = "dynamodb-write-unit"
    READ_UNIT = "dynamodb-read-unit"
    REPLICATED_WRITE_UNIT = "dynamodb-replicated-write-unit"
    TABLE_GB = "dynamodb-gb-month"
    RECOVERY_GB = "dynamodb-recovery-gb-month"
    OBJECT_GB = "s3-gb-month"
    PUT = "s3-put"
    GET = "s3-get"
    TRANSFER_GB = "transfer-between-regions-gb"
    API_REQUEST = "http-api-request"
    QUEUE_REQUEST = "sqs-request"
    SCHEDULED_CALL = "scheduler-invocation"
    ALARM_METRIC = "cloudwatch-alarm-metric-month"
    FAST_ALARM_METRIC = "cloudwatch-alarm-metric-month-high-resolution"
    COMPOSITE_ALARM = "cloudwatch-composite-alarm-month"
    DASHBOARD = "cloudwatch-dashboard-month"
    CUSTOM_METRIC = "cloudwatch-custom-metric-month"
    LOGS_IN_GB = "logs-ingested-gb"
    LOGS_KEPT_GB = "logs-gb-month"
    KEY = "kms-key-month"
    KEY_REQUEST = "kms-request"
    SECRET = "secret-month"
    SECRET_CALL = "secret-call"
    PUBLISHED_MESSAGE = "sns-publish"
    PUSH = "sns-push"
    TOLD_BY_MAIL = "sns-mail"
    MAIL = "ses-mail"
    HEALTH_CHECK = "route53-health-check-month"
    HEALTH_CHECK_OPTION = "route53-health-check-option-month"
    ENDPOINT_HOUR = "vpc-endpoint-hour"
    """Of an interface endpoint, in each availability zone."""
    ENDPOINT_GB = "vpc-endpoint-gb"
    NAT_HOUR = "nat-hour"
    NAT_GB = "nat-gb"
    GLUE_HOUR = "glue-dpu-hour"
    PROCESSOR_HOUR = "fargate-vcpu-hour"
    MEMORY_GB_HOUR = "fargate-gb-hour"

    @property
    def everywhere(self) -> bool:
        """Whether it has one price for all regions."""
        return self in (Item.HEALTH_CHECK, Item.HEALTH_CHECK_OPTION)

    @property
    def unit(self) -> str:
        """What one of it is, for people: `training hour`."""
        return _UNITS[self]


_UNITS = {
    Item.INGESTED_GB: "GB ingested",
    Item.TRAINING_HOUR: "training hour",
    Item.TRAINING_INTERACTIONS: "1,000 interactions trained on",
    Item.BATCH_FIRST: "1,000 people of a batch, first generation",
    Item.BATCH_SECOND: "1,000 people of a batch, second generation",
    Item.TPS_HOUR: "TPS-hour",
    Item.REQUESTS_SECOND: "1,000 requests, second generation",
    Item.LAMBDA_REQUEST: "call of a function",
    Item.LAMBDA_GB_SECOND: "GB-second of a function on arm64",
    Item.TRANSITION: "transition of a state machine",
    Item.WRITE_UNIT: "write unit",
    Item.READ_UNIT: "read unit",
    Item.REPLICATED_WRITE_UNIT: "replicated write unit",
    Item.TABLE_GB: "GB-month of a table",
    Item.RECOVERY_GB: "GB-month of point-in-time recovery",
    Item.OBJECT_GB: "GB-month of objects",
    Item.PUT: "PUT, COPY, POST or LIST",
    Item.GET: "GET",
    Item.TRANSFER_GB: "GB to another region",
    Item.API_REQUEST: "request of an HTTP API",
    Item.QUEUE_REQUEST: "request of a queue",
    Item.SCHEDULED_CALL: "invocation by a schedule",
    Item.ALARM_METRIC: "metric of an alarm, month",
    Item.FAST_ALARM_METRIC: "metric of a high-resolution alarm, month",
    Item.COMPOSITE_ALARM: "composite alarm, month",
    Item.DASHBOARD: "dashboard, month",
    Item.CUSTOM_METRIC: "custom metric, month",
    Item.LOGS_IN_GB: "GB of logs taken in",
    Item.LOGS_KEPT_GB: "GB-month of logs",
    Item.KEY: "key, month",
    Item.KEY_REQUEST: "request of a key",
    Item.SECRET: "secret, month",
    Item.SECRET_CALL: "call for a secret",
    Item.PUBLISHED_MESSAGE: "message to a topic",
    Item.PUSH: "push message",
    Item.TOLD_BY_MAIL: "e-mail of a topic",
    Item.MAIL: "e-mail",
    Item.HEALTH_CHECK: "health check, month",
    Item.HEALTH_CHECK_OPTION: "option of a health check, month",
    Item.ENDPOINT_HOUR: "hour of an endpoint in a zone",
    Item.ENDPOINT_GB: "GB through an endpoint",
    Item.NAT_HOUR: "hour of a NAT gateway",
    Item.NAT_GB: "GB through a NAT gateway",
    Item.GLUE_HOUR: "DPU-hour of Glue",
    Item.PROCESSOR_HOUR: "vCPU-hour of a container",
    Item.MEMORY_GB_HOUR: "GB-hour of a container",
}


def trained_by(recipe: str) -> Item:
    """What a training with this recipe of Amazon Personalize is paid by."""
    return Item.TRAINING_INTERACTIONS if second_generation(recipe) else Item.TRAINING_HOUR


def listed_by(recipe: str) -> Item:
    """What a batch with this recipe is paid by, per 1,000 people."""
    return Item.BATCH_SECOND if second_generation(recipe) else Item.BATCH_FIRST


def second_generation(recipe: str) -> bool:
    """By its name, as Amazon Personalize's developer guide tells them apart."""
    return recipe.endswith("-v2")
