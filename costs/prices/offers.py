"""AWS's public price lists: an offer file of a service and region, and what of it is an item of ours.

The format is that of "Getting price list files" in the AWS Billing user guide: `products` by SKU with
`attributes`, and `terms.OnDemand` by SKU with `priceDimensions`, each a tier.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from costs.prices.items import Item
from costs.prices.price import Tier

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


class BadOffer(Exception):
    """A file is no offer file, or not one of a region that is known here."""


@dataclass(frozen=True)
class Meant:
    """An item in an offer: the end of its usage type, or, where that is not known, words of its description
    (a regular expression). times: units of the file in one of ours.
    """

    offer: str
    usage: str | None = None
    words: str | None = None
    times: float = 1.0


MEANT: Mapping[Item, Meant] = {
    Item.INGESTED_GB: Meant("AmazonPersonalize", words=r"data (ingest|upload)"),
    Item.TRAINING_HOUR: Meant("AmazonPersonalize", words=r"training[- ]hour"),
    Item.TRAINING_INTERACTIONS: Meant(
        "AmazonPersonalize", words=r"interactions? .*train|train.* interactions?", times=1000
    ),
    Item.TPS_HOUR: Meant("AmazonPersonalize", words=r"TPS[- ]hour"),
    Item.LAMBDA_REQUEST: Meant("AWSLambda", "Request-ARM"),
    Item.LAMBDA_GB_SECOND: Meant("AWSLambda", "Lambda-GB-Second-ARM"),
    Item.TRANSITION: Meant("AmazonStates", "StateTransition"),
    Item.WRITE_UNIT: Meant("AmazonDynamoDB", "WriteRequestUnits"),
    Item.READ_UNIT: Meant("AmazonDynamoDB", "ReadRequestUnits"),
    Item.REPLICATED_WRITE_UNIT: Meant("AmazonDynamoDB", "ReplWriteRequestUnits"),
    Item.TABLE_GB: Meant("AmazonDynamoDB", "TimedStorage-ByteHrs"),
    Item.RECOVERY_GB: Meant("AmazonDynamoDB", "TimedPITRStorage-ByteHrs"),
    Item.OBJECT_GB: Meant("AmazonS3", "TimedStorage-ByteHrs"),
    Item.PUT: Meant("AmazonS3", "Requests-Tier1"),
    Item.GET: Meant("AmazonS3", "Requests-Tier2"),
    Item.API_REQUEST: Meant("AmazonApiGateway", "ApiGatewayHttpRequest"),
    Item.QUEUE_REQUEST: Meant("AWSQueueService", "Requests-Tier1"),
    Item.ALARM_METRIC: Meant("AmazonCloudWatch", "CW:AlarmMonitorUsage"),
    Item.CUSTOM_METRIC: Meant("AmazonCloudWatch", "CW:MetricMonitorUsage"),
    Item.LOGS_IN_GB: Meant("AmazonCloudWatch", "DataProcessing-Bytes"),
    Item.LOGS_KEPT_GB: Meant("AmazonCloudWatch", "TimedStorage-ByteHrs"),
    Item.KEY: Meant("awskms", "KMS-Keys"),
    Item.KEY_REQUEST: Meant("awskms", "KMS-Requests"),
    Item.SECRET: Meant("AWSSecretsManager", "AWSSecretsManager-Secrets"),
    Item.SECRET_CALL: Meant("AWSSecretsManager", "AWSSecretsManager-APIRequests"),
    Item.PUBLISHED_MESSAGE: Meant("AmazonSNS", "Requests-Tier1"),
    Item.ENDPOINT_HOUR: Meant("AmazonVPC", "VpcEndpoint-Hours"),
    Item.ENDPOINT_GB: Meant("AmazonVPC", "VpcEndpoint-Bytes"),
    Item.NAT_HOUR: Meant("AmazonEC2", "NatGateway-Hours"),
    Item.NAT_GB: Meant("AmazonEC2", "NatGateway-Bytes"),
    Item.GLUE_HOUR: Meant("AWSGlue", "ETL-DPU-Hour"),
    Item.PROCESSOR_HOUR: Meant("AmazonECS", "Fargate-vCPU-Hours:perCPU"),
    Item.MEMORY_GB_HOUR: Meant("AmazonECS", "Fargate-GB-Hours"),
}
"""Items that are not here are not looked for: nobody here knows how their products are told from others."""


@dataclass(frozen=True)
class Found:
    """usage: its usage type in the file."""

    item: Item
    tiers: tuple[Tier, ...]
    usage: str


@dataclass(frozen=True)
class Offer:
    """missing: items of this service that no product, or more than one, was found for, with why."""

    code: str
    version: str
    published: date
    region: str
    found: tuple[Found, ...]
    missing: Mapping[Item, str]


def read_offer(content: Any) -> Offer:
    """Raises: BadOffer, if it is no offer file, or of a region that is not known here."""
    try:
        code, version = str(content["offerCode"]), str(content["version"])
        published = date.fromisoformat(str(content["publicationDate"])[:10])
        products, terms = content["products"], content["terms"]["OnDemand"]
        region = _region(products)
        found, missing = [], {}
        for item, meant in MEANT.items():
            if meant.offer == code:
                matches = list(_matches(meant, products, terms, region))
                if len(matches) == 1:
                    usage, tiers = matches[0]
                    found.append(Found(item, _times(tiers, meant.times), usage))
                else:
                    missing[item] = f"{len(matches)} products fit" if matches else "no product fits"
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadOffer(
            f"not an offer file of AWS's price list: {error.__class__.__name__}: {error}"
        ) from error
    return Offer(code, version, published, region, tuple(found), missing)


def _region(products: Mapping[str, Any]) -> str:
    codes = Counter(str(one["attributes"].get("regionCode", "")) for one in products.values())
    codes.pop("", None)
    if not codes:
        raise ValueError("no product names its region")
    region = codes.most_common(1)[0][0]
    if region not in PREFIXES:
        raise BadOffer(f"it is of {region}, and only these regions are known: {', '.join(PREFIXES)}")
    return region


def _matches(
    meant: Meant, products: Mapping[str, Any], terms: Mapping[str, Any], region: str
) -> Iterator[tuple[str, tuple[Tier, ...]]]:
    for sku, product in products.items():
        attributes = product["attributes"]
        usage = str(attributes.get("usagetype", ""))
        if attributes.get("regionCode", region) != region or sku not in terms:
            continue
        dimensions = [rate for term in terms[sku].values() for rate in term["priceDimensions"].values()]
        if meant.usage is not None:
            fits = usage in {f"{prefix}{meant.usage}" for prefix in (*PREFIXES[region], f"{region}-")}
        else:
            said = " ".join(str(rate.get("description", "")) for rate in dimensions)
            fits = bool(re.search(meant.words or "$.", said, re.IGNORECASE))
        if fits and dimensions:
            yield usage, _tiers(dimensions)


def _tiers(dimensions: list[Mapping[str, Any]]) -> tuple[Tier, ...]:
    """Rising, and without a free beginning, which is an allowance of the account."""
    ordered = sorted(dimensions, key=lambda rate: float(rate.get("beginRange", 0)))
    tiers = [Tier(float(rate["pricePerUnit"]["USD"]), _end(rate.get("endRange", "Inf"))) for rate in ordered]
    while len(tiers) > 1 and tiers[0].usd == 0:
        tiers = tiers[1:]
    return tuple(tiers)


def _end(text: str) -> float:
    return math.inf if str(text) == "Inf" else float(text)


def _times(tiers: tuple[Tier, ...], factor: float) -> tuple[Tier, ...]:
    return tuple(Tier(tier.usd * factor, tier.upto / factor) for tier in tiers)
