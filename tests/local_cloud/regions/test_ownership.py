"""A table passes from the stack of a lost region to one of another region, by the steps of the runbook."""

import json
from typing import Any
from uuid import uuid4

from config.derived.ownership import OWNERSHIP_STEPS
from tests.local_cloud.regions.test_templates import in_regions, table
from tests.local_cloud.support.regions import AWAY, HOME, Regions, item
from tests.local_cloud.support.stacks import resource


class Rehearsal:
    """Each step by its key. old, new: names of the stacks, in HOME and AWAY, which have more besides."""

    def __init__(self, regions: Regions) -> None:
        word = uuid4().hex[:8]
        self.regions, self.table = regions, f"table-{word}"
        self.old, self.new = f"old-{word}", f"new-{word}"
        self.other = {"Other": resource("AWS::SSM::Parameter", Type="String", Value="before")}
        self.owned = table(self.table, AWAY)
        self.owned["Table"] |= {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
        self.deployed(HOME, "create_stack", self.old, {**self.owned, **self.other})
        self.deployed(AWAY, "create_stack", self.new, self.other)

    def client(self, region: str) -> Any:
        return self.regions.aws.client("cloudformation", region)

    def deployed(self, region: str, how: str, name: str, resources: dict[str, Any]) -> str:
        api = self.client(region)
        getattr(api, how)(StackName=name, TemplateBody=json.dumps({"Resources": resources}))
        return str(api.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])

    def resources(self, region: str, name: str) -> set[str]:
        found = self.client(region).list_stack_resources(StackName=name)["StackResourceSummaries"]
        return {each["LogicalResourceId"] for each in found}

    def retain(self) -> None:
        body = self.client(HOME).get_template(StackName=self.old)["TemplateBody"]
        body = json.loads(body) if isinstance(body, str) else body
        assert body["Resources"]["Table"]["DeletionPolicy"] == "Retain"

    def swap(self) -> None:
        """From now on the region is lost."""
        self.regions.down(HOME)

    def import_(self) -> None:
        api = self.client(AWAY)
        api.create_change_set(
            StackName=self.new,
            ChangeSetName="import",
            ChangeSetType="IMPORT",
            ResourcesToImport=[
                {
                    "LogicalResourceId": "Table",
                    "ResourceType": "AWS::DynamoDB::GlobalTable",
                    "ResourceIdentifier": {"TableName": self.table},
                }
            ],
            TemplateBody=json.dumps({"Resources": {**self.owned, **self.other}}),
        )
        api.execute_change_set(StackName=self.new, ChangeSetName="import")
        assert api.describe_stacks(StackName=self.new)["Stacks"][0]["StackStatus"] == "IMPORT_COMPLETE"

    def deploy(self) -> None:
        changed = {"Other": resource("AWS::SSM::Parameter", Type="String", Value="after")}
        assert self.deployed(AWAY, "update_stack", self.new, {**self.owned, **changed}) == "UPDATE_COMPLETE"

    def release(self) -> None:
        self.regions.up(HOME)
        assert self.deployed(HOME, "update_stack", self.old, self.other) == "UPDATE_COMPLETE"

    def check(self) -> None:
        assert self.resources(HOME, self.old) == {"Other"}
        assert self.resources(AWAY, self.new) == {"Other", "Table"}
        replicas = self.regions.aws.client("dynamodb", AWAY).describe_table(TableName=self.table)["Table"][
            "Replicas"
        ]
        assert [(each["RegionName"], each["ReplicaStatus"]) for each in replicas] == [(HOME, "ACTIVE")]


def test_a_table_of_a_lost_region_passes_to_another_stack_with_all_its_items(regions: Regions) -> None:
    rehearsal = Rehearsal(regions)
    write = {region: regions.aws.client("dynamodb", region).put_item for region in (HOME, AWAY)}
    write[HOME](TableName=rehearsal.table, Item=item("before", 1))
    assert regions.drained()

    for step in OWNERSHIP_STEPS:
        getattr(rehearsal, {"import": "import_"}.get(step.key, step.key))()
        write[AWAY](TableName=rehearsal.table, Item=item(step.key, 1))

    assert regions.drained()
    names = {"before", *(step.key for step in OWNERSHIP_STEPS)}
    assert set(regions.items(rehearsal.table, HOME)) == set(regions.items(rehearsal.table, AWAY)) == names
    api = rehearsal.client(AWAY)
    gone = table(rehearsal.table)["Table"]
    gone["Properties"]["Replicas"] = [{"Region": AWAY}]
    assert rehearsal.deployed(AWAY, "update_stack", rehearsal.new, {"Table": gone}) == "UPDATE_COMPLETE"
    assert in_regions(regions, rehearsal.table) == [AWAY], "the new owner may take a replica away"
    api.delete_stack(StackName=rehearsal.new)
