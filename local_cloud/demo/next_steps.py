"""Commands that lead on from the demo: all they name is there."""

import shlex
from collections.abc import Mapping, Sequence

from config.derived.names import serving_table_name
from local_cloud.demo.executions import Run
from local_cloud.demo.serving_table import Served
from local_cloud.ground.settings import Settings
from local_cloud.lifecycle.cdk import folder_option

STAGE = "local"
VARIANT = "personalize"


def next_steps(
    settings: Settings, runs: Sequence[Run], served: Mapping[str, Served | None], people: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """What each is for, and the command; exports first: the others need them. people: those shown, by id."""
    where = folder_option(settings.state_dir)
    steps = [
        (
            "First, in this shell: the local cloud's address, credentials and database",
            f'eval "$(python -m local_cloud env{where})"',
        )
    ]
    if found := _listed(served, people):
        use_case, user, generation = found
        asked = f"--stage {STAGE} --use-case {use_case} --user {shlex.quote(user)}"
        command = f"python -m operations explain \\\n  {asked}"
        steps.append((f"Why user {user} gets what they get in {use_case}", command))
        key = f'{{"pk": {{"S": "user#{use_case}#{user}"}}, "sk": {{"S": "{VARIANT}#{generation}"}}}}'
        command = (
            f"aws dynamodb get-item --table-name {serving_table_name(STAGE)} --key \\\n  {shlex.quote(key)}"
        )
        steps.append(("The same list as it is stored (AWS CLI)", command))
    if runs:
        command = f"python -m operations runs --stage {STAGE} --use-case {runs[0].use_case}"
        steps.append((f"How the runs of {runs[0].use_case} ended", command))
        command = f"aws stepfunctions get-execution-history --execution-arn \\\n  {runs[0].arn}"
        steps.append(("What happened in the last of them, event by event (AWS CLI)", command))
    steps.append(
        ("Logs of the servers and of the deployment", f"ls {shlex.quote(str(settings.state_dir))}/logs")
    )
    down = f"python -m local_cloud down{where}" if where else "make down"
    steps.append(("To take everything away again", down))
    return tuple(steps)


def _listed(served: Mapping[str, Served | None], people: Sequence[str]) -> tuple[str, str, str] | None:
    """Use case, user and generation of a list of somebody who was shown."""
    for use_case, of in served.items():
        for user in people:
            if of and of.lists.get(user):
                return use_case, user, of.generation
    return None
