"""The order in which resources come into being."""

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from local_cloud.cloudformation.templates.errors import ValidationError


def creation_order(dependencies: Mapping[str, frozenset[str]]) -> list[str]:
    """Every resource after those it depends on; otherwise as given. Reversed, it is the order of deletion.

    Raises: ValidationError, for a circle.
    """
    sorter = TopologicalSorter({name: sorted(needed) for name, needed in dependencies.items()})
    try:
        return [name for name in sorter.static_order() if name in dependencies]
    except CycleError as cycle:
        names = ", ".join(dict.fromkeys(cycle.args[1]))
        raise ValidationError(f"Circular dependency between resources: [{names}]") from None
