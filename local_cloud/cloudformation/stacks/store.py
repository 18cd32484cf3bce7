"""All stacks of the local cloud, by region."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import RLock

from local_cloud.cloudformation.stacks.model import Output, Stack
from local_cloud.cloudformation.templates.errors import ValidationError


@dataclass
class StackStore:
    """The stacks of one region; a deleted stack is found by its id only."""

    stacks: dict[str, Stack] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock)

    def add(self, stack: Stack) -> None:
        with self.lock:
            self.stacks[stack.id] = stack

    def remove(self, stack: Stack) -> None:
        with self.lock:
            del self.stacks[stack.id]

    def find(self, name_or_id: str) -> Stack | None:
        with self.lock:
            if name_or_id in self.stacks:
                return self.stacks[name_or_id]
            return next((stack for stack in self.present() if stack.name == name_or_id), None)

    def get(self, name_or_id: str) -> Stack:
        """A stack by its name or id. Raises: ValidationError, if there is none."""
        stack = self.find(name_or_id)
        if stack is None:
            raise ValidationError(f"Stack with id {name_or_id} does not exist")
        return stack

    def present(self) -> list[Stack]:
        with self.lock:
            return [stack for stack in self.stacks.values() if stack.status != "DELETE_COMPLETE"]

    def exports(self) -> Iterator[tuple[Stack, Output]]:
        for stack in self.present():
            for output in stack.outputs:
                if output.export:
                    yield stack, output

    def importers(self, export: str) -> list[Stack]:
        return [stack for stack in self.present() if export in stack.imports]
