"""Errors of the CloudFormation API, by the codes it uses."""

from moto.core.exceptions import ServiceException


class ValidationError(ServiceException):
    code = "ValidationError"


class AlreadyExists(ServiceException):
    code = "AlreadyExistsException"


class ChangeSetNotFound(ServiceException):
    code = "ChangeSetNotFound"


class ResourceFailed(Exception):
    """A resource could not be created, updated or deleted; the message is its status reason."""
