"""Which alarms of a region say that a deployment has done its readers harm."""

import re

from config.types.delivery import ALARM_LIMIT
from delivery.stacks.deployed import Deployed
from review.reading.assemblies import Estate

_HASH = "[0-9A-F]{8}"
READERS = (
    r"ApiFailed",
    r"ApiFunctionsRecommendationsErrors",
    r"ApiSlow",
    r"ServingSystemErrors",
    r"Canary\w+Unavailable",
)
"""Logical ids without their hashes, the most important first: requests fail, functions fail, answers are
late, the table fails, a region does not answer its neighbours."""


def guards(region: str, deployed: Deployed, after: Estate) -> list[str]:
    """ARNs of alarms in the region that are there and stay. CloudFormation takes five, and fails a
    deployment whose alarm it does not find.
    """
    found = {
        logical_id: arn
        for name, alarms in deployed.alarms.items()
        if deployed.stacks[name].region == region and name in after
        for logical_id, arn in alarms.items()
        if logical_id in after[name].template["Resources"]
    }
    chosen = [
        found[one] for pattern in READERS for one in sorted(found) if re.fullmatch(pattern + _HASH, one)
    ]
    return chosen[:ALARM_LIMIT]
