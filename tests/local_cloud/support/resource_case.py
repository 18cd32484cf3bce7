"""A resource type, tried: made, changed once, removed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

TRUST = {"Version": "2012-10-17", "Statement": []}
ALLOW = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}
DENY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
TAGS = [{"Key": "stage", "Value": "one"}, {"Key": "goes", "Value": "x"}]
NEW_TAGS = [{"Key": "stage", "Value": "two"}]


CODE = "def handler(event, context): return 1"
# Answers what the service says of a resource, given its id.
Look = Callable[[Any, str], Any]


@dataclass(frozen=True)
class Case:
    """A resource, changed once; `others` are what it needs. Look answers None for what is gone."""

    kind: str
    service: str
    look: Look
    first: Mapping[str, Any]
    first_seen: Any
    second: Mapping[str, Any]
    second_seen: Any
    others: Mapping[str, Any] | None = None
    attributes: tuple[str, ...] = ()
