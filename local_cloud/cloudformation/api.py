"""The CloudFormation API over HTTP, in place of moto's."""

from typing import Any, ClassVar

from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse

from local_cloud.cloudformation import views
from local_cloud.cloudformation.adoption import identifiers_of
from local_cloud.cloudformation.plan import check_types
from local_cloud.cloudformation.service import CloudFormation
from local_cloud.cloudformation.stacks.model import ChangeSet, Stack
from local_cloud.cloudformation.stacks.store import StackStore
from local_cloud.cloudformation.templates.errors import ChangeSetNotFound, ValidationError


class CloudFormationApi(BaseResponse):
    """A method per action, named as the action; `self.params` are its parsed parameters."""

    service: ClassVar[CloudFormation]

    def __init__(self) -> None:
        super().__init__(service_name="cloudformation")
        self.automated_parameter_parsing = True

    def call_action(self) -> TYPE_RESPONSE:
        action = getattr(self, self._get_action() or "", None)
        if action is None or not self._get_action()[0].isupper():
            raise NotImplementedError(f"cloudformation {self._get_action()}")
        try:
            result = action(self.params)
        except ServiceException as problem:
            status, headers, body = self.serialized(ActionResult(problem))
        else:
            status, headers, body = self.serialized(ActionResult(result))
        return status, headers, body

    @property
    def _store(self) -> StackStore:
        return self.service.store(self.region)

    def CreateStack(self, call: dict[str, Any]) -> dict[str, Any]:
        desired = self.service.desired(self.region, call, None)
        existing = self._store.find(call["StackName"])
        if existing is not None and existing.status == "REVIEW_IN_PROGRESS":
            self._store.remove(existing)
        stack = self.service.new_stack(self.region, self.current_account, call["StackName"], desired)
        stack.disable_rollback = bool(call.get("DisableRollback")) or call.get("OnFailure") == "DO_NOTHING"
        stack.termination_protection = bool(call.get("EnableTerminationProtection"))
        stack.token = call.get("ClientRequestToken")
        self.service.create(stack, desired)
        return {"StackId": stack.id}

    def UpdateStack(self, call: dict[str, Any]) -> dict[str, Any]:
        stack = self._store.get(call["StackName"])
        desired = self.service.desired(self.region, call, stack)
        stack.disable_rollback = bool(call.get("DisableRollback"))
        stack.token = call.get("ClientRequestToken")
        self.service.update(stack, desired)
        return {"StackId": stack.id}

    def DeleteStack(self, call: dict[str, Any]) -> None:
        stack = self._store.find(call["StackName"])
        if stack is not None:
            stack.token = call.get("ClientRequestToken")
            self.service.delete(stack, call.get("RetainResources") or [])

    def DescribeStacks(self, call: dict[str, Any]) -> dict[str, Any]:
        named = call.get("StackName")
        stacks = [self._store.get(named)] if named else self._store.present()
        return {"Stacks": [views.stack(stack) for stack in stacks]}

    def ListStacks(self, call: dict[str, Any]) -> dict[str, Any]:
        wanted = call.get("StackStatusFilter")
        stacks = [stack for stack in self._store.stacks.values() if not wanted or stack.status in wanted]
        return {"StackSummaries": [views.stack_summary(stack) for stack in stacks]}

    def DescribeStackEvents(self, call: dict[str, Any]) -> dict[str, Any]:
        stack = self._store.get(call["StackName"])
        return {"StackEvents": [views.event(stack, event) for event in reversed(stack.events)]}

    def DescribeStackResources(self, call: dict[str, Any]) -> dict[str, Any]:
        stack = self._store.get(call["StackName"])
        wanted = call.get("LogicalResourceId")
        return {
            "StackResources": [
                views.resource(stack, resource)
                for resource in stack.resources.values()
                if wanted in (None, resource.logical_id)
            ]
        }

    def DescribeStackResource(self, call: dict[str, Any]) -> dict[str, Any]:
        """One resource of a stack. Raises: ValidationError, if there is none."""
        stack = self._store.get(call["StackName"])
        resource = stack.resources.get(call["LogicalResourceId"])
        if resource is None:
            raise ValidationError(
                f"Resource {call['LogicalResourceId']} does not exist for stack {stack.name}"
            )
        return {"StackResourceDetail": views.resource(stack, resource, changed="LastUpdatedTimestamp")}

    def ListStackResources(self, call: dict[str, Any]) -> dict[str, Any]:
        stack = self._store.get(call["StackName"])
        resources = stack.resources.values()
        return {
            "StackResourceSummaries": [
                views.resource(stack, resource, changed="LastUpdatedTimestamp") for resource in resources
            ]
        }

    def GetTemplate(self, call: dict[str, Any]) -> dict[str, Any]:
        stack = self._store.get(call["StackName"])
        if call.get("ChangeSetName"):
            return {"TemplateBody": self._change_set(call)[1].desired.template.body}
        return {"TemplateBody": stack.desired.template.body, "StagesAvailable": ["Original", "Processed"]}

    def GetTemplateSummary(self, call: dict[str, Any]) -> dict[str, Any]:
        if call.get("StackName"):
            template = self._store.get(call["StackName"]).desired.template
        else:
            template = self.service.template(self.region, call)
        return views.template_summary(template)

    def ValidateTemplate(self, call: dict[str, Any]) -> dict[str, Any]:
        template = self.service.template(self.region, call)
        check_types({declaration.type for declaration in template.resources.values()})
        return views.template_summary(template)

    def CreateChangeSet(self, call: dict[str, Any]) -> dict[str, Any]:
        """Of a new stack or of an old one, or to import what exists.

        ImportExistingResources is not acted upon: what exists under a name then fails to be created.
        Raises: ValidationError, if the stack is the other; if there is more to an import than that.
        """
        existing = self._store.find(call["StackName"])
        kind = call.get("ChangeSetType") or "UPDATE"
        creating, importing = kind == "CREATE", kind == "IMPORT"
        if existing is None and kind == "UPDATE":
            raise ValidationError(f"Stack [{call['StackName']}] does not exist")
        if creating and existing is not None and existing.status != "REVIEW_IN_PROGRESS":
            raise ValidationError(f"Stack [{call['StackName']}] already exists and cannot be created again")
        desired = self.service.desired(self.region, call, existing)
        stack = existing or self.service.new_stack(
            self.region, self.current_account, call["StackName"], desired
        )
        stack.token = call.get("ClientToken")
        identifiers = (
            identifiers_of(stack, desired, call.get("ResourcesToImport") or []) if importing else None
        )
        made = self.service.change_set(
            stack, call["ChangeSetName"], desired, call.get("Description"), identifiers
        )
        return {"Id": made.id, "StackId": stack.id}

    def DescribeChangeSet(self, call: dict[str, Any]) -> dict[str, Any]:
        return views.change_set(*self._change_set(call))

    def ListChangeSets(self, call: dict[str, Any]) -> dict[str, Any]:
        stack = self._store.get(call["StackName"])
        return {"Summaries": [views.change_set_summary(stack, made) for made in stack.change_sets.values()]}

    def ExecuteChangeSet(self, call: dict[str, Any]) -> dict[str, Any]:
        stack, made = self._change_set(call)
        stack.disable_rollback = bool(call.get("DisableRollback"))
        stack.token = call.get("ClientRequestToken")
        self.service.execute(stack, made)
        return {}

    def DeleteChangeSet(self, call: dict[str, Any]) -> dict[str, Any]:
        try:
            stack, made = self._change_set(call)
        except ServiceException:
            return {}
        del stack.change_sets[made.name]
        return {}

    def DescribeEvents(self, call: dict[str, Any]) -> dict[str, Any]:
        """Newest first. Making a change set, here, has none: what is wrong is refused at once.

        Raises: ValidationError, if nothing is named.
        """
        asked = call.get("OperationId")
        if call.get("ChangeSetName"):
            self._change_set(call)
            return {"OperationEvents": []}
        if call.get("StackName"):
            stacks = [self._store.get(call["StackName"])]
        elif asked:
            stacks = list(self._store.stacks.values())
        else:
            raise ValidationError("One of ChangeSetName, OperationId or StackName must be specified.")
        only_failed = (call.get("Filters") or {}).get("FailedEvents")
        return {
            "OperationEvents": [
                views.operation_event(stack, event)
                for stack in stacks
                for event in reversed(stack.events)
                if asked in (None, event.operation.id) and (views.failed(event) or not only_failed)
            ]
        }

    def ListExports(self, _call: dict[str, Any]) -> dict[str, Any]:
        exports = self._store.exports()
        return {
            "Exports": [
                {"ExportingStackId": stack.id, "Name": output.export, "Value": output.value}
                for stack, output in exports
            ]
        }

    def ListImports(self, call: dict[str, Any]) -> dict[str, Any]:
        """The stacks that import a value. Raises: ValidationError, if none does."""
        importers = self._store.importers(call["ExportName"])
        if not importers:
            raise ValidationError(f"Export '{call['ExportName']}' is not imported by any stack.")
        return {"Imports": [stack.name for stack in importers]}

    def UpdateTerminationProtection(self, call: dict[str, Any]) -> dict[str, Any]:
        stack = self._store.get(call["StackName"])
        stack.termination_protection = bool(call["EnableTerminationProtection"])
        return {"StackId": stack.id}

    def GetStackPolicy(self, call: dict[str, Any]) -> dict[str, Any]:
        self._store.get(call["StackName"])
        return {}

    def _change_set(self, call: dict[str, Any]) -> tuple[Stack, ChangeSet]:
        name = call["ChangeSetName"]
        stack = self._store.find(call["StackName"]) if call.get("StackName") else None
        for candidate in [stack] if stack else self._store.present():
            for made in candidate.change_sets.values():
                if name in (made.id, made.name):
                    return candidate, made
        raise ChangeSetNotFound(f"ChangeSet [{name}] does not exist")
