"""Why the loss of a statement is not noticed by a run on this machine; whoever adds a line is reviewed."""

from collections.abc import Iterable

from rights.patterns import matches
from rights.statements import Statement

_MAPS = "Step Functions itself needs it for the runs of a map, which are threads here"
_LOGGING = "Step Functions itself needs it to log, and its logs are not delivered here"
_BY_ACTION = (
    ("xray:*", "no traces are sent here"),
    ("logs:*LogDeliver*", _LOGGING),
    ("logs:DescribeLogGroups", _LOGGING),
    ("logs:*ResourcePolic*", _LOGGING),
    ("ec2:*", "Lambda itself needs it for functions in a VPC, of which there is none here"),
    ("s3:AbortMultipartUpload", "only when an upload fails half-way"),
    ("s3:DeleteObjectVersion", "only when a bucket is emptied"),
    ("s3:ListBucketVersions", "only when a bucket is emptied"),
    ("s3:ListBucketMultipartUploads", "only when a bucket is emptied"),
    ("personalize:DeleteCampaign", "only when a campaign is removed with its use case"),
    (
        "states:DescribeExecution",
        _MAPS,
    ),
    ("states:StopExecution", _MAPS),
    ("states:RedriveExecution", "only when a failed run is redriven; then Step Functions itself needs it"),
    ("kms:CreateGrant", "Personalize itself needs it, and its documentation asks for it"),
    ("kms:ListGrants", "Personalize itself needs it, and its documentation asks for it"),
    ("kms:DescribeKey", "Personalize itself needs it, and its documentation asks for it"),
)
_AWS_OWN = {"Enable IAM User Permissions": "of a key that no template made"}
ACTIONS = tuple(pattern for pattern, _ in _BY_ACTION)
_BY_SERVICE = {
    "cloudwatch.amazonaws.com": "alarms do not change their state here",
    "logging.s3.amazonaws.com": "no access logs are delivered here",
    "personalize.amazonaws.com": "the Personalize server here reads and writes as the cloud's own user",
    "scheduler.amazonaws.com": "schedules are not fired by the clock here",
}


def why(statement: Statement, acting: Iterable[str] = ()) -> str | None:
    """None, if there is no reason: it is not needed, or nothing exercises it.

    acting: the services that assume the role which has the statement.
    """
    if statement.name in _AWS_OWN:
        return _AWS_OWN[statement.name]
    services = statement.principals.services if statement.principals else tuple(acting)
    known = [_BY_SERVICE.get(service) for service in services]
    if known and all(known):
        return "; ".join(filter(None, known))
    found = [_of_action(action) for action in statement.actions.texts]
    return "; ".join(dict.fromkeys(filter(None, found))) if all(found) else None


def why_denied(statement: Statement) -> str | None:
    """A denial is noticed by who tries; nobody does what these forbid."""
    secure = any(condition.key == "aws:SecureTransport" for condition in statement.conditions)
    return "nothing here asks without TLS" if secure else None


def _of_action(action: str) -> str | None:
    return next((text for pattern, text in _BY_ACTION if matches(pattern, action, {}, any_case=True)), None)
