"""What the API answers when it does not do what was asked."""

from collections.abc import Collection
from typing import ClassVar


class ApiError(Exception):
    """An answer with an error code; `status` is the HTTP status of the control plane."""

    code: ClassVar[str]
    status: ClassVar[int] = 400
    data_plane_status: ClassVar[int | None] = None
    """HTTP status on runtime and events, where it differs"""
    common: ClassVar[bool] = False
    """any operation may answer it, whatever it declares"""

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
    common = True


class NotImplementedYet(ApiError):
    code = "NotImplementedException"
    common = True
    status = 501


class UnknownOperation(ApiError):
    code = "UnknownOperationException"
    common = True


class Unserializable(ApiError):
    code = "SerializationException"
    common = True


class RequestTooLarge(ApiError):
    code = "RequestEntityTooLargeException"
    common = True
    status = 413


class IncompleteBody(ApiError):
    code = "IncompleteBodyException"
    common = True


class MissingAuthentication(ApiError):
    code = "MissingAuthenticationTokenException"
    common = True
    status = 403


class UnknownClient(ApiError):
    code = "UnrecognizedClientException"
    common = True
    status = 403


class BadSignature(ApiError):
    code = "InvalidSignatureException"
    common = True
    status = 403


class CannotAnswer(ApiError):
    """For now: something is damaged, or there is no room for it."""

    code = "ServiceUnavailable"
    common = True
    status = 503


class InternalFailure(ApiError):
    code = "InternalFailure"
    common = True
    status = 500


def declared(problem: ApiError, errors: Collection[str]) -> ApiError:
    """The problem under a code that the operation declares: clients know no other.

    ListDatasetGroups and ListSchemas, for one, do not declare that their input may be invalid.
    """
    if problem.common or problem.code in errors or not errors:
        return problem
    code = InvalidInput.code if InvalidInput.code in errors else min(errors)
    [kind] = [kind for kind in ApiError.__subclasses__() if kind.code == code]
    return kind(problem.message)
