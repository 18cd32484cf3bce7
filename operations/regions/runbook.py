"""docs/region-switch.md, made of the steps that the state machine has: `make rooms`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from config.derived.ownership import OWNERSHIP_STEPS
from config.derived.switching import SWITCH_STEPS

PAGE = Path(__file__).parents[2] / "docs" / "region-switch.md"
_HEAD = """\
# Switching from one region to another

What to do, for the operator on call. `python -m operations region` begins a state machine in the region that
becomes active, `recs-<stage>-region-switch`; it works while the other region is gone. What roles and epochs
are, and what is lost: [regions.md](regions.md). `make rooms` makes this page of the steps that the state
machine has (`config/derived/switching.py`).

## In order

1. `python -m operations region status --stage prod`: which region is active, and who answers. A region that
   does not answer is told within some seconds.
2. `python -m operations region plan --stage prod --to eu-central-1 [--lost]`: what would be done and lost,
   how long the last training took and what the next one costs, as far as it is known, and everything that
   speaks against it. Nothing is changed.
3. `python -m operations region switch --stage prod --to eu-central-1 [--lost] --why "..."`: asks for the
   region's name to be typed, begins, and shows each step with its seconds. `--yes` does not ask; a stage with
   `switches_typed` refuses it.
4. Clients: every region serves, whichever is active, so that no step routes readers. What leads them to
   another region is its health alone, by `recs_client` or the name that the regions share (see
   [Routing](regions.md#routing)). Readers of a lost region are elsewhere before anybody has switched; after a
   planned switch they stay where they are.
5. The first runs of the new region train the models anew; those of our own go on by the copies until then. If
   the next scheduled run is too far away, start the state machines of the use cases by hand
   (`<UseCase>WorkflowArn`, outputs of the stack `Training`).
6. Once the lost region is back: `status` must say that it is `fenced`, and not that it has not heard of the
   epoch yet. Then, if it is to lead again, `python -m operations region back --stage prod --why "..."`: a
   planned switch to the region that the configuration has first. If it is not, a planned switch to the region
   that is active already begins an epoch in which both are asked again, and nobody is in doubt.

## Planned, or without the lost region

| | planned (the default) | `--lost` |
|---|---|---|
| the region that was active | is asked to stop, and waited for | nothing of it is called |
| what has not been copied | is waited for | arrives when the region is back |
| messages | go on where they were | nobody is told anything more in that week |
| refused | if the region does not answer | if it answers; `--force` all the same |

`--force` is for a region that answers here and must not be asked: it may go on to act until it hears of the
new epoch. See that it is off before. `--without REGION` names a further region that does not answer.

One switch at a time runs in a region; a second one is refused, and the command follows the first. A region
that fails midway leaves a state in which the same command goes on. Until the epoch has begun, a switch to the
region that was active brings back everything as it was.

## The steps

"There" is every region that is asked to stop, "here" the one that becomes active.
"""
_TABLES = """
## After a deployment

Templates say that a standby's schedules are off. CloudFormation sets that again only when the deployment
changes a schedule itself: `status` then says that schedules of the active region are off, and the same switch
once more turns them on. A deployment that makes the standby the primary for good swaps both in
`config/stages.py`, and the tables change the stack that owns them.

## The tables change their owner

Each replicated table is a resource of the primary's stack, `Data` or `Notifications`. Nobody reads or writes
less for it while that region is lost, but no replica can be added or removed, and no setting changed, until
another stack owns the table. Only if the region does not come back, or the standby is to stay the first one.
While both regions answer, "Let go" comes before "Import": so says `deploy-plan` of the swap.

"""
_REHEARSED = """
`tests/local_cloud/regions/test_ownership.py` does these steps on the local CloudFormation, the old region
being lost from the second to the fifth. They have not been tried in an account.
"""


def page() -> str:
    steps, owning = ("\n".join(lines) for lines in (_steps(), _owning()))
    return f"{_HEAD}\n{steps}\n{_TABLES}{owning}\n{_REHEARSED}"


def _steps() -> Iterator[str]:
    yield from (
        "| | step | where | without the lost region | what it does | if it fails |",
        "|---|---|---|---|---|---|",
    )
    for number, step in enumerate(SWITCH_STEPS, start=1):
        waits = f" Given up after {_time(step.limit_minutes)}." if step.poll_seconds else ""
        where, lost = "there" if step.there else "here", "left out" if step.if_asked else "the same"
        yield f"| {number} | {step.title} | {where} | {lost} | {step.does}{waits} | {step.stuck} |"


def _owning() -> Iterator[str]:
    yield from ("| | step | while the old region is lost | what it does | command |", "|---|---|---|---|---|")
    for number, step in enumerate(OWNERSHIP_STEPS, start=1):
        lost = "yes" if step.lost else "no"
        yield f"| {number} | {step.title} | {lost} | {step.does} | `{step.command}` |"


def _time(minutes: int) -> str:
    return f"{minutes // 60} hours" if minutes >= 120 else f"{minutes} minutes"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
