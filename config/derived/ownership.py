"""How replicated tables pass from the stack that owns them to one of another region: the steps, in their
order. A table may be a resource of one stack only, and that cannot be changed while its region is lost.

CloudFormation user guide: "Move resources between stacks", "Import AWS resources into a stack".
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class OwnershipStep:
    """key: by which the rehearsal knows it. does: in some sentences. command: with <new> and <old> for the
    stages of the regions as `cdk ls` has them, such as Prod-eu-central-1. lost: whether it can be done while
    the old region is gone.
    """

    key: str
    title: str
    does: str
    command: str
    lost: bool = True


OWNERSHIP_STEPS = (
    OwnershipStep(
        key="retain",
        title="Retain",
        does="See that the tables have the DeletionPolicy Retain where they are: in stages that keep their "
        "data they do; of others the old stacks are deployed with it first. Without it a later step deletes "
        "them.",
        command="aws cloudformation get-template --stack-name <old>-Data",
        lost=False,
    ),
    OwnershipStep(
        key="swap",
        title="Swap the regions",
        does="Make the standby the stage's `region` in `config/stages.py`, with its database and sender, and "
        "the old region a standby with its own. Nothing is deployed by this.",
        command="cdk synth --quiet",
    ),
    OwnershipStep(
        key="import",
        title="Import",
        does="The table becomes a resource of the new stack. Nothing else may change in the same operation: "
        "what else is different is left out (`--force`), for the next step. The CLI asks for the table's "
        "name. The same of the stack Notifications, with the secret, once that has been made one of its own "
        "by `aws secretsmanager stop-replication-to-replica`.",
        command="cdk import <new>/Data --force",
    ),
    OwnershipStep(
        key="deploy",
        title="Deploy the new owner",
        does="All else that the swap changes. The template names the replicas that the table has, so that "
        "none is added or removed.",
        command="cdk deploy <new>/Data",
    ),
    OwnershipStep(
        key="release",
        title="Let go",
        does="Once the old region answers: its stacks are deployed without the tables, which are retained. "
        "Deploy nothing there before: by the old template they would still be its own.",
        command="cdk deploy <old>/Data",
        lost=False,
    ),
    OwnershipStep(
        key="check",
        title="Check",
        does="Every replica is ACTIVE, and no stack has anything to change.",
        command="cdk diff <new>/Data <old>/Data",
        lost=False,
    ),
)
