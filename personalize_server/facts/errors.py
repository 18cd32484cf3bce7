"""What the API answers when it does not do what was asked."""

from typing import ClassVar


class ApiError(Exception):
    """An answer with an error code; `status` is the HTTP status of the control plane."""

    code: ClassVar[str]
    status: ClassVar[int] = 400
    data_plane_status: ClassVar[int | None] = None
    """HTTP status on runtime and events, where it differs"""

    @property
    def message(self) -> str:
        return str(self)


class InvalidInput(ApiError):
    code = "InvalidInputException"


class InvalidNextToken(ApiError):
    code = "InvalidNextTokenException"


class LimitExceeded(ApiError):
    code = "LimitExceededException"


class ResourceAlreadyExists(ApiError):
    code = "ResourceAlreadyExistsException"


class ResourceInUse(ApiError):
    code = "ResourceInUseException"
    data_plane_status = 409


class ResourceNotFound(ApiError):
    code = "ResourceNotFoundException"
    data_plane_status = 404


class TooManyTags(ApiError):
    code = "TooManyTagsException"


class TooManyTagKeys(ApiError):
    code = "TooManyTagKeysException"


class Throttled(ApiError):
    code = "ThrottlingException"


class NotImplementedYet(ApiError):
    code = "NotImplementedException"
    status = 501


class UnknownOperation(ApiError):
    code = "UnknownOperationException"


class Unserializable(ApiError):
    code = "SerializationException"


class RequestTooLarge(ApiError):
    code = "RequestEntityTooLargeException"
    status = 413


class IncompleteBody(ApiError):
    code = "IncompleteBodyException"


class MissingAuthentication(ApiError):
    code = "MissingAuthenticationTokenException"
    status = 403


class UnknownClient(ApiError):
    code = "UnrecognizedClientException"
    status = 403


class BadSignature(ApiError):
    code = "InvalidSignatureException"
    status = 403


class InternalFailure(ApiError):
    code = "InternalFailure"
    status = 500
