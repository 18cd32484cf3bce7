"""Which product of AWS's price list is which item of ours, by region.

Usage types: what the Price List API had as attribute values in September 2022, by a public copy; those of
Amazon Personalize's second generation are younger, and looked for by their descriptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from costs.prices.items import Item

PREFIXES = {
    "us-east-1": ("", "USE1-"),
    "us-east-2": ("USE2-",),
    "us-west-2": ("USW2-",),
    "ca-central-1": ("CAN1-",),
    "eu-west-1": ("EU-", "EUW1-"),
    "eu-central-1": ("EUC1-",),
    "ap-northeast-1": ("APN1-",),
    "ap-northeast-2": ("APN2-",),
    "ap-south-1": ("APS3-",),
    "ap-southeast-1": ("APS1-",),
    "ap-southeast-2": ("APS2-",),
}
"""Of usage types, by region: those in which Amazon Personalize is."""
LOCATIONS = {
    "US East (N. Virginia)": "us-east-1",
    "US East (Ohio)": "us-east-2",
    "US West (Oregon)": "us-west-2",
    "Canada (Central)": "ca-central-1",
    "EU (Ireland)": "eu-west-1",
    "EU (Frankfurt)": "eu-central-1",
    "Asia Pacific (Tokyo)": "ap-northeast-1",
    "Asia Pacific (Seoul)": "ap-northeast-2",
    "Asia Pacific (Mumbai)": "ap-south-1",
    "Asia Pacific (Singapore)": "ap-southeast-1",
    "Asia Pacific (Sydney)": "ap-southeast-2",
}
"""What older files call these regions, which have no codes of them."""


@dataclass(frozen=True)
class Meant:
    """An item in an offer. usage: ends of its usage type, one or the other by region. words: of its
    description, where no usage type is known (a regular expression). times: units of the file in one of ours.
    """

    offer: str
    usage: tuple[str, ...] = ()
    words: str = ""
    times: float = 1.0


MEANT: Mapping[Item, Meant] = {
    Item.INGESTED_GB: Meant("AmazonPersonalize", ("DataIngestion",)),
    Item.TRAINING_HOUR: Meant("AmazonPersonalize", ("TrainingHour",)),
    Item.TRAINING_INTERACTIONS: Meant(
        "AmazonPersonalize", words=r"interactions? .*train|train.* interactions?", times=1000
    ),
    Item.BATCH_FIRST: Meant("AmazonPersonalize", ("BatchInference",), times=1000),
    Item.TPS_HOUR: Meant("AmazonPersonalize", ("TPS-hours",)),
    Item.LAMBDA_REQUEST: Meant("AWSLambda", ("Request-ARM",)),
    Item.LAMBDA_GB_SECOND: Meant("AWSLambda", ("Lambda-GB-Second-ARM",)),
    Item.TRANSITION: Meant("AmazonStates", ("StateTransition",)),
    Item.WRITE_UNIT: Meant("AmazonDynamoDB", ("WriteRequestUnits",)),
    Item.READ_UNIT: Meant("AmazonDynamoDB", ("ReadRequestUnits",)),
    Item.REPLICATED_WRITE_UNIT: Meant("AmazonDynamoDB", ("ReplWriteRequestUnits",)),
    Item.TABLE_GB: Meant("AmazonDynamoDB", ("TimedStorage-ByteHrs",)),
    Item.RECOVERY_GB: Meant("AmazonDynamoDB", ("TimedPITRStorage-ByteHrs",)),
    Item.OBJECT_GB: Meant("AmazonS3", ("TimedStorage-ByteHrs",)),
    Item.PUT: Meant("AmazonS3", ("Requests-Tier1",)),
    Item.GET: Meant("AmazonS3", ("Requests-Tier2",)),
    Item.API_REQUEST: Meant("AmazonApiGateway", ("ApiGatewayHttpRequest",)),
    Item.QUEUE_REQUEST: Meant("AWSQueueService", ("Requests-Tier1",)),
    Item.ALARM_METRIC: Meant("AmazonCloudWatch", ("CW:AlarmMonitorUsage",)),
    Item.FAST_ALARM_METRIC: Meant("AmazonCloudWatch", ("CW:HighResAlarmMonitorUsage",)),
    Item.COMPOSITE_ALARM: Meant("AmazonCloudWatch", ("CW:CompositeAlarmMonitorUsage",)),
    Item.CUSTOM_METRIC: Meant("AmazonCloudWatch", ("CW:MetricMonitorUsage",)),
    Item.LOGS_IN_GB: Meant("AmazonCloudWatch", ("DataProcessing-Bytes",)),
    Item.LOGS_KEPT_GB: Meant("AmazonCloudWatch", ("TimedStorage-ByteHrs",)),
    Item.KEY: Meant("awskms", ("KMS-Keys",)),
    Item.KEY_REQUEST: Meant("awskms", ("KMS-Requests",)),
    Item.SECRET: Meant("AWSSecretsManager", ("AWSSecretsManager-Secrets",)),
    Item.SECRET_CALL: Meant(
        "AWSSecretsManager", ("AWSSecretsManager-APIRequests", "AWSSecretsManagerAPIRequest")
    ),
    Item.PUBLISHED_MESSAGE: Meant("AmazonSNS", ("Requests-Tier1",)),
    Item.PUSH: Meant("AmazonSNS", ("DeliveryAttempts-GCM",)),
    Item.TOLD_BY_MAIL: Meant("AmazonSNS", ("DeliveryAttempts-SMTP",)),
    Item.MAIL: Meant("AmazonSES", ("Recipients",)),
    Item.ENDPOINT_HOUR: Meant("AmazonVPC", ("VpcEndpoint-Hours",)),
    Item.ENDPOINT_GB: Meant("AmazonVPC", ("VpcEndpoint-Bytes",)),
    Item.NAT_HOUR: Meant("AmazonEC2", ("NatGateway-Hours",)),
    Item.NAT_GB: Meant("AmazonEC2", ("NatGateway-Bytes",)),
    Item.GLUE_HOUR: Meant("AWSGlue", ("ETL-DPU-Hour",)),
    Item.PROCESSOR_HOUR: Meant("AmazonECS", ("Fargate-vCPU-Hours:perCPU",)),
    Item.MEMORY_GB_HOUR: Meant("AmazonECS", ("Fargate-GB-Hours",)),
}
"""Items that are not here are not looked for: nobody here knows how their products are told from others."""
