"""How a refusal is answered: the codes that services have for it."""

from dataclasses import dataclass

# By the name in signatures; services of XML say AccessDenied, those of JSON add Exception.
_CODES = {"s3": "AccessDenied", "sns": "AuthorizationError", "sqs": "AccessDenied", "sts": "AccessDenied"}
_BAD_REQUEST = {"dynamodb", "kms", "logs", "personalize", "secretsmanager", "ssm", "states"}


class Refused(Exception):
    """A call that policies do not allow; the message has AWS's words."""


@dataclass(frozen=True)
class Answer:
    status: int
    code: str


def answer_of(service: str) -> Answer:
    """service: by which requests are signed."""
    code = _CODES.get(service, "AccessDeniedException")
    return Answer(400 if service in _BAD_REQUEST else 403, code)
