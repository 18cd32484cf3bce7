"""Why the loss of a statement is not noticed by a run on this machine; whoever adds a line is reviewed."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

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
    ("s3:ListBucket", "so that an object which is not there is told as absent, and not as refused"),
    (
        "states:DescribeExecution",
        _MAPS,
    ),
    ("states:StopExecution", _MAPS),
    ("states:RedriveExecution", "only when a failed run is redriven; then Step Functions itself needs it"),
)
_OF_SEVERAL_REGIONS = (("execute-api:Invoke", "the gateway judges who asks an API, by keys of its own"),)
"""of canaries, which a stage of one region has none of"""
_INSECURE = "nothing here asks without TLS"
_AWS_OWN = {"Enable IAM User Permissions": "of a key that no template made"}
ACTIONS = tuple(pattern for pattern, _ in (*_BY_ACTION, *_OF_SEVERAL_REGIONS))
_OF_SERVICES = {
    "logging.s3.amazonaws.com": (("s3:PutObject", "no access logs are delivered here"),),
    "personalize.amazonaws.com": (
        (
            "s3:ListBucket",
            "Personalize's documentation asks for it; a job of one file lists nothing",
        ),
        ("kms:*", "Personalize's documentation asks for it besides the key's policy, which allows the same"),
    ),
}
"""of statements that let a service in, or that a role has which it assumes"""
_BY_LEADING_KEYS = (
    ("experiment#*", "only where a use case has several variants, which none of the local stage has"),
)
TWINS = "another statement says the same: CDK permits routes by path, whatever their method"


def why(statement: Statement, acting: Iterable[str] = (), beside: Iterable[Statement] = ()) -> str | None:
    """None, if there is no reason: it is not needed, or nothing exercises it.

    acting: the services that assume the role which has the statement. beside: the owner's other statements.
    """
    if statement.name in _AWS_OWN:
        return _AWS_OWN[statement.name]
    if any(replace(other, name=statement.name) == statement for other in beside):
        return TWINS
    services = statement.principals.services if statement.principals else tuple(acting)
    own = [pair for service in services for pair in _OF_SERVICES.get(service, ())]
    found = [_of_action(action, own) or _of_keys(statement) for action in statement.actions.texts]
    return "; ".join(dict.fromkeys(filter(None, found))) if all(found) else None


def why_denied(statement: Statement) -> str | None:
    """A denial is noticed by who tries; nobody does what these forbid."""
    secure = any(condition.key == "aws:SecureTransport" for condition in statement.conditions)
    return _INSECURE if secure else None


def stale(found: Iterable[str]) -> list[str]:
    """Reasons that are not among these, which explain all statements that there are: nothing has them."""
    told = {part for reason in found for part in reason.split("; ")} | {*found}
    return sorted(text for text in _texts() if not {*text.split("; ")} <= told)


def _texts() -> set[str]:
    tables = (_BY_ACTION, _BY_LEADING_KEYS, *_OF_SERVICES.values())
    return {text for table in tables for _, text in table} | {*_AWS_OWN.values(), TWINS, _INSECURE}


def _of_action(action: str, own: Sequence[tuple[str, str]]) -> str | None:
    pairs = (*own, *_BY_ACTION, *_OF_SEVERAL_REGIONS)
    return next((text for pattern, text in pairs if matches(pattern, action, {}, any_case=True)), None)


def _of_keys(statement: Statement) -> str | None:
    keys = [
        value
        for condition in statement.conditions
        if condition.key == "dynamodb:LeadingKeys"
        for value in condition.values
    ]
    return next((text for pattern, text in _BY_LEADING_KEYS if keys and {*keys} == {pattern}), None)
