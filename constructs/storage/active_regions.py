"""Where it is written which region of a stage is the active one, and who may read it."""

from dataclasses import dataclass

import aws_cdk as cdk
from constructs.ground.access import Access
from constructs.storage.item_table import ItemTable, items_access

ACTIVE_REGION = "region#active"
"""Partition key of the items that say so."""


@dataclass(frozen=True, kw_only=True)
class ActiveRegions:
    """table: with the recommendations, which every region has. regions: those that may be active; the first
    one is until somebody switches.
    """

    table: ItemTable
    regions: tuple[str, ...]

    @property
    def environment(self) -> dict[str, str]:
        """Of functions that ask whether their region may act."""
        return {"ACTIVE_REGIONS": ",".join(self.regions)}

    @property
    def reading(self) -> Access:
        return self.table.items(("dynamodb:Query",), ACTIVE_REGION)

    @property
    def changing(self) -> Access:
        """In this region's own name: no region writes an epoch that another one writes."""
        return self.table.items(("dynamodb:PutItem",), ACTIVE_REGION)

    @property
    def asking(self) -> tuple[Access, ...]:
        """Also of the other regions' tables: for what cannot be undone, it is not enough what was copied."""
        stack = cdk.Stack.of(self.table)
        others = (region for region in self.regions if region != stack.region)
        arns = (
            stack.format_arn(
                service="dynamodb", resource="table", resource_name=self.table.name, region=region
            )
            for region in others
        )
        return (self.reading, *(items_access(arn, ("dynamodb:Query",), ACTIVE_REGION) for arn in arns))
