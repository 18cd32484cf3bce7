"""Work on one resource of a stack: create, replace, update, restore, delete, with the events of each."""

import logging
from collections.abc import Mapping
from copy import copy
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.core.exceptions import ServiceException

from local_cloud.cloudformation.registry import type_of
from local_cloud.cloudformation.resources.resource import Physical, Request
from local_cloud.cloudformation.resources.shapes import UnknownMember
from local_cloud.cloudformation.stacks.model import Stack, StackResource
from local_cloud.cloudformation.templates.errors import ResourceFailed
from local_cloud.ground.settings import Settings

REPLACEMENT = "Requested update requires the creation of a new physical resource; hence creating one."
_log = logging.getLogger(__name__)
_EXPECTED = (ResourceFailed, ClientError, BotoCoreError, ServiceException, UnknownMember)


class SingleResource:
    """Raises: from all but `delete`, what the type raises."""

    def __init__(self, settings: Settings, stack: Stack) -> None:
        self._settings = settings
        self._stack = stack

    def create(self, resource: StackResource) -> None:
        self._stack.report(resource, "CREATE_IN_PROGRESS")
        resource.physical = type_of(resource.type).create(self._request(resource))
        self._stack.report(resource, "CREATE_COMPLETE")

    def adopt(self, resource: StackResource, identifier: Mapping[str, str]) -> Physical:
        """What exists under the identifier becomes the resource's; only IMPORT_COMPLETE says so."""
        adopt = type_of(resource.type).adopt
        assert adopt is not None
        self._stack.report(resource, "IMPORT_IN_PROGRESS")
        resource.physical = adopt(self._request(resource), identifier)
        self._stack.report(resource, "IMPORT_COMPLETE")
        return resource.physical

    def tag(self, resource: StackResource, properties: Mapping[str, Any]) -> None:
        """What is adopted is tagged as what is made."""
        update = type_of(resource.type).update
        if update is None or properties == resource.properties:
            return
        assert resource.physical is not None
        adopted, resource.properties = resource.properties, properties
        update(self._request(resource, adopted), resource.physical)

    def replace(self, resource: StackResource) -> None:
        self._stack.report(resource, "UPDATE_IN_PROGRESS", REPLACEMENT)
        resource.physical = None
        resource.physical = type_of(resource.type).create(self._request(resource))
        self._stack.report(resource, "UPDATE_COMPLETE")

    def update(self, resource: StackResource, before: StackResource) -> None:
        update = type_of(resource.type).update
        assert update is not None and before.physical is not None
        self._stack.report(resource, "UPDATE_IN_PROGRESS")
        resource.physical = update(self._request(resource, before.properties), before.physical)
        self._stack.report(resource, "UPDATE_COMPLETE")

    def restore(self, before: StackResource, resource: StackResource) -> None:
        """Back from what `resource` says to what `before` says."""
        update = type_of(before.type).update
        physical = resource.physical or before.physical
        assert update is not None and physical is not None
        self._stack.report(before, "UPDATE_IN_PROGRESS")
        before.physical = update(self._request(copy(before), resource.properties), physical)
        self._stack.report(before, "UPDATE_COMPLETE")

    def delete(self, resource: StackResource, *, creating: bool = False, replaced: bool = False) -> bool:
        """Whether it is gone or to be kept; otherwise the reason is in the events.

        `creating`: the operation which created it is being undone; `replaced`: another took its place.
        """
        policy = resource.deletion_policy
        if not replaced and (policy == "Retain" or (policy == "RetainExceptOnCreate" and not creating)):
            self._stack.report(resource, "DELETE_SKIPPED")
            return True
        assert resource.physical is not None
        self._stack.report(resource, "DELETE_IN_PROGRESS")
        try:
            type_of(resource.type).delete(self._request(resource), resource.physical)
        except Exception as failure:  # whatever a type raises is that resource's failure
            self.failed(resource, "DELETE", failure)
            return False
        self._stack.report(resource, "DELETE_COMPLETE")
        resource.physical = None
        return True

    def failed(self, resource: StackResource, verb: str, failure: Exception) -> None:
        if not isinstance(failure, _EXPECTED):
            _log.error("%s %s of %s", verb, resource.logical_id, self._stack.name, exc_info=failure)
        self._stack.report(resource, f"{verb}_FAILED", explain(failure))

    def _request(self, resource: StackResource, old: Mapping[str, Any] | None = None) -> Request:
        def began(physical: Physical) -> None:
            resource.physical = physical

        return Request(
            settings=self._settings,
            account=self._stack.account,
            region=self._stack.region,
            stack_id=self._stack.id,
            stack_name=self._stack.name,
            logical_id=resource.logical_id,
            type=resource.type,
            properties=resource.properties,
            old_properties=old or {},
            began=began,
        )


def explain(failure: Exception) -> str:
    """A status reason."""
    if isinstance(failure, ClientError):
        error = failure.response["Error"]
        return f"{error.get('Message')} ({failure.operation_name}: {error.get('Code')})"
    if isinstance(failure, ServiceException):
        return str(failure.message)
    return str(failure) if isinstance(failure, _EXPECTED) else f"{type(failure).__name__}: {failure}"
