"""Brings a stack to what is wanted, and back when that fails."""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass

from moto.core.exceptions import ServiceException

from local_cloud.cloudformation.guard import Guard
from local_cloud.cloudformation.plan import Plan, make_outputs
from local_cloud.cloudformation.registry import type_of
from local_cloud.cloudformation.resources.resource import Physical
from local_cloud.cloudformation.single import SingleResource
from local_cloud.cloudformation.stacks.model import Desired, Output, Stack, StackResource, now
from local_cloud.cloudformation.stacks.scope import StackScope
from local_cloud.cloudformation.stacks.store import StackStore
from local_cloud.cloudformation.tagging import properties_of
from local_cloud.cloudformation.templates.errors import ResourceFailed
from local_cloud.cloudformation.templates.graph import creation_order
from local_cloud.cloudformation.templates.template import Declaration
from local_cloud.ground.settings import Settings


@dataclass(frozen=True)
class Step:
    """Something done that a rollback has to undo; `before` is None for what did not exist."""

    resource: StackResource
    before: StackResource | None
    replaced: bool = False


class Deployment:
    """One operation on one stack. Resources are worked on one after the other."""

    def __init__(self, settings: Settings, store: StackStore, stack: Stack) -> None:
        self._settings = settings
        self._store = store
        self._stack = stack
        self._single = SingleResource(settings, stack)
        self._steps: list[Step] = []
        self._left_over: list[StackResource] = []

    def scope(self, desired: Desired, physicals: Mapping[str, Physical]) -> StackScope:
        return StackScope(self._settings, self._store, self._stack, desired, physicals)

    def create(self, desired: Desired, plan: Plan) -> None:
        stack = self._stack
        stack.desired = desired
        try:
            self._apply(desired, plan)
        except ResourceFailed as failure:
            if stack.disable_rollback:
                stack.enter("CREATE_FAILED", str(failure))
                return
            stack.enter("ROLLBACK_IN_PROGRESS", f"{failure} Rollback requested by user.")
            stack.enter("ROLLBACK_COMPLETE" if self._remove_new() else "ROLLBACK_FAILED")
            return
        stack.enter("CREATE_COMPLETE")

    def update(self, desired: Desired, plan: Plan) -> None:
        stack = self._stack
        try:
            self._apply(desired, plan)
        except ResourceFailed as failure:
            if stack.disable_rollback:
                stack.desired = desired
                stack.enter("UPDATE_FAILED", str(failure))
                return
            stack.enter("UPDATE_ROLLBACK_IN_PROGRESS", str(failure))
            if not self._restore():
                stack.enter("UPDATE_ROLLBACK_FAILED")
                return
            stack.enter("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
            self._remove_new()
            for step in self._steps:
                if step.before is None:
                    stack.resources.pop(step.resource.logical_id, None)
            stack.enter("UPDATE_ROLLBACK_COMPLETE")
            return
        stack.desired = desired
        stack.enter("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        self._clean_up(plan)
        stack.enter("UPDATE_COMPLETE")

    def delete(self, retained: Iterable[str] = ()) -> None:
        stack = self._stack
        in_use = [
            f"{output.export} is in use by {importer.name}"
            for output in stack.outputs
            if output.export
            for importer in self._store.importers(output.export)
        ]
        if in_use:
            stack.enter("DELETE_FAILED", f"Export cannot be deleted: {', '.join(in_use)}")
            return
        failed = self._delete_all(list(stack.resources.values()), retained=frozenset(retained))
        if failed:
            stack.enter(
                "DELETE_FAILED", f"The following resource(s) failed to delete: [{', '.join(failed)}]. "
            )
            return
        stack.resources.clear()
        stack.outputs = []
        stack.imports = frozenset()
        stack.deleted = now()
        stack.enter("DELETE_COMPLETE")

    def _apply(self, desired: Desired, plan: Plan) -> None:
        physicals: dict[str, Physical] = {}
        scope = self.scope(desired, physicals)
        guard = Guard(self._settings, self._stack.region, desired.triggers)
        guard.look()
        for declaration in plan.declarations:
            physicals[declaration.logical_id] = self._bring_about(declaration, desired, plan, scope)
        try:
            outputs = make_outputs(desired, scope)
            self._check_exports(outputs)
        except ServiceException as problem:
            raise ResourceFailed(problem.message) from None
        guard.bake()
        self._stack.outputs = outputs
        self._stack.imports = frozenset(scope.imports)

    def _bring_about(
        self, declaration: Declaration, desired: Desired, plan: Plan, scope: StackScope
    ) -> Physical:
        logical_id = declaration.logical_id
        before = self._stack.resources.get(logical_id)
        if before is not None and before.physical is None:
            before = None
        resource = StackResource(
            logical_id=logical_id,
            type=declaration.type,
            properties={},
            depends_on=plan.dependencies[logical_id],
            deletion_policy=declaration.deletion_policy,
            update_replace_policy=declaration.update_replace_policy,
            physical=before.physical if before else None,
        )
        try:
            resource.properties = properties_of(declaration, scope, self._stack, desired)
            type_of(resource.type).check(resource.properties)
            self._work_on(resource, before)
        except Exception as failure:  # whatever a type raises is that resource's failure, never the server's
            verb = "UPDATE" if before else "CREATE"
            self._single.failed(resource, verb, failure)
            reason = f"The following resource(s) failed to {verb.lower()}: [{logical_id}]."
            raise ResourceFailed(reason) from failure
        assert resource.physical is not None
        return resource.physical

    def _work_on(self, resource: StackResource, before: StackResource | None) -> None:
        row = type_of(resource.type)
        if before is None:
            self._begin(Step(resource, None))
            self._single.create(resource)
        elif before.type != resource.type:
            raise ResourceFailed(
                f"Update of resource type is not permitted: {before.type} to {resource.type}."
            )
        elif before.properties == resource.properties:
            resource.status, resource.reason, resource.changed = before.status, before.reason, before.changed
            self._stack.resources[resource.logical_id] = resource
        elif row.replaces(before.properties, resource.properties):
            self._begin(Step(resource, before, replaced=True))
            self._single.replace(resource)
            self._left_over.append(before)
        else:
            self._begin(Step(resource, before))
            self._single.update(resource, before)
            if _id(resource) != _id(before):
                self._left_over.append(before)

    def _begin(self, step: Step) -> None:
        self._steps.append(step)
        self._stack.resources[step.resource.logical_id] = step.resource

    def _restore(self) -> bool:
        """Whether everything that was there is as it was."""
        restored = True
        for step in reversed(self._steps):
            if step.before is None:
                continue
            if not step.replaced:
                try:
                    self._single.restore(step.before, step.resource)
                except Exception as failure:  # the others are still to be restored
                    self._single.failed(step.before, "UPDATE", failure)
                    restored = False
            self._stack.resources[step.resource.logical_id] = step.before
        return restored

    def _remove_new(self) -> bool:
        """Whether everything is gone that was not there before.

        What an update made and cannot delete is the stack's no more: the rollback is over by then.
        """
        removed = True
        for step in reversed(self._steps):
            if step.before is not None and not step.replaced:
                continue
            if step.resource.physical and not self._single.delete(step.resource, creating=True):
                removed = False
        return removed

    def _clean_up(self, plan: Plan) -> None:
        """Deletes what was replaced or is no longer declared; a failure to delete does not fail an update."""
        wanted = {declaration.logical_id for declaration in plan.declarations}
        removed = [resource for name, resource in self._stack.resources.items() if name not in wanted]
        for before in reversed(self._left_over):
            if before.update_replace_policy == "Delete":
                self._single.delete(copy(before), replaced=True)
        self._delete_all([resource for resource in removed if resource.physical])
        for resource in removed:
            self._stack.resources.pop(resource.logical_id, None)

    def _delete_all(
        self, resources: list[StackResource], retained: frozenset[str] = frozenset()
    ) -> list[str]:
        """Dependants first; what a remaining resource depends on remains. Returns what failed."""
        by_id = {resource.logical_id: resource for resource in resources}
        order = creation_order({name: resource.depends_on & by_id.keys() for name, resource in by_id.items()})
        failed: list[str] = []
        needed: set[str] = set()
        for name in reversed(order):
            resource = by_id[name]
            if name in retained or not resource.physical:
                continue
            if name in needed:
                needed |= resource.depends_on
            elif not self._single.delete(resource):
                needed |= resource.depends_on
                failed.append(name)
        return failed

    def _check_exports(self, outputs: list[Output]) -> None:
        wanted = {output.export for output in outputs if output.export}
        for stack, output in self._store.exports():
            if stack is not self._stack and output.export in wanted:
                raise ResourceFailed(
                    f"Export with name {output.export} is already exported by stack {stack.name}."
                )
        for output in self._stack.outputs:
            if output.export and output.export not in wanted:
                importers = [stack.name for stack in self._store.importers(output.export)]
                if importers:
                    raise ResourceFailed(
                        f"Cannot delete export {output.export} as it is in use by {importers[0]}."
                    )


def _id(resource: StackResource) -> str | None:
    return resource.physical.id if resource.physical else None
