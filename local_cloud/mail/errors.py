"""Errors of SES v2."""

from moto.core.exceptions import JsonRESTError


class _SesError(JsonRESTError):
    kind: str

    def __init__(self, message: str) -> None:
        super().__init__(self.kind, message)


class NotFound(_SesError):
    code, kind = 404, "NotFoundException"


class AlreadyExists(_SesError):
    code, kind = 400, "AlreadyExistsException"


class BadRequest(_SesError):
    code, kind = 400, "BadRequestException"


class NotRendered(BadRequest):
    """The data lack what the template shows: SES has answered by the time it finds that."""


class MessageRejected(_SesError):
    code, kind = 400, "MessageRejected"


class SendingPaused(_SesError):
    code, kind = 400, "SendingPausedException"
