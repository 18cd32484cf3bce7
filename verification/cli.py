"""The parts of a run, one after the other, and the way back."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from config.rules import check
from config.types.errors import ConfigError
from verification import prices
from verification.beliefs.belief import Result, examine
from verification.beliefs.catalogue import BELIEFS
from verification.beliefs.world import World
from verification.ground.account import Cloud, reached, require_account, require_bootstrap, require_room
from verification.ground.cdk import Cdk, DeploymentFailed
from verification.ground.cleaning import Cleaning
from verification.ground.inventory import Inventory, take_inventory
from verification.ground.names import NoRunId, checked, new_run
from verification.ground.plan import Plan, Refused, configured_stage, load
from verification.ground.retraining import Ended, follow, start, upload
from verification.options import parsed, planned
from verification.report import Answer, Report

OK, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130
_PAUSE, _PAUSE_LOCALLY = 15.0, 0.2
_LOOKS_AT_WHAT_IS_LEFT = 4
Say = Callable[[str], None]


def main(arguments: Sequence[str]) -> int:
    """The exit code: 2, and nothing was done; 1, something went wrong or is left; 130, interrupted."""
    options = parsed(arguments)
    try:
        if options.only_clean:
            return _only_clean(options)
        plan = planned(options, new_run(), time.time())
        cloud = Cloud(plan.region, plan.endpoint)
        _require(plan, cloud, options)
        if not plan.done:
            print(prices.shown(plan))
            if not _agreed(options):
                return REFUSED
            plan.save()
        return _Run(plan, cloud, options).all()
    except ConfigError as problems:
        print(f"verification: the stage cannot be deployed so:\n{problems}", file=sys.stderr)
        return REFUSED
    except (Refused, NoRunId) as problem:
        print(f"verification: {problem}", file=sys.stderr)
        return REFUSED


def _require(plan: Plan, cloud: Cloud, options: argparse.Namespace) -> None:
    """Raises: Refused, ConfigError."""
    check((plan.stage,), (plan.use_case,))
    caller = reached(cloud)
    where = f"a local cloud at {plan.endpoint}" if plan.endpoint else "AWS"
    print(f"Run {plan.run}: {where}, account {caller.account}, {plan.region}, as {caller.arn}")
    require_account(caller, plan.account, given=bool(options.account))
    require_bootstrap(cloud, plan.account)
    if not plan.done:
        require_room(cloud, 1 if options.no_probes else 2)


def _agreed(options: argparse.Namespace) -> bool:
    if options.yes:
        return True
    if not sys.stdin.isatty():
        print(
            "verification: nothing was done: there is nobody to ask, and --yes was not given", file=sys.stderr
        )
        return False
    return input("Type yes to go on: ").strip().lower() == "yes"


def _only_clean(options: argparse.Namespace) -> int:
    run = checked(options.only_clean)
    try:
        plan = load(run)
        region, endpoint, account = plan.region, plan.endpoint, plan.account
    except Refused:
        if not options.stage:
            raise Refused(f"run {run} did not begin in this folder: name its --stage") from None
        stage = configured_stage(options.stage)
        region, endpoint = options.region or stage.region, options.endpoint
        account = options.account or stage.account
    cloud = Cloud(region, endpoint)
    require_account(reached(cloud), account, given=bool(options.account))
    cleaning, inventory = _cleaned(cloud, run, print)
    _tell(cleaning, inventory)
    return FAILED if inventory.left or inventory.unseen else OK


def _cleaned(cloud: Cloud, run: str, say: Say) -> tuple[Cleaning, Inventory]:
    pause = _pause(cloud)
    say("removes what carries the run's id")
    cleaning = Cleaning(cloud, run, say, pause)
    cleaning.clean()
    inventory = take_inventory(cloud, run)
    for _ in range(_LOOKS_AT_WHAT_IS_LEFT):
        # Lists and tags follow deletions after a while.
        if not inventory.left:
            break
        time.sleep(pause)
        inventory = take_inventory(cloud, run)
    return cleaning, inventory


def _tell(cleaning: Cleaning, inventory: Inventory) -> None:
    print(f"{len(cleaning.removed)} removed:")
    for name in cleaning.removed:
        print(f"  {name}")
    for one in inventory.left:
        print(f"LEFT: {one.service} {one.name}\n  {one.command}")
    for unseen in inventory.unseen:
        print(f"NOT LOOKED AT: {unseen}")
    if not inventory.left and not inventory.unseen:
        print(f"nothing with the run's id is left, of {inventory.looked_at:,} things looked at")


def _pause(cloud: Cloud) -> float:
    return _PAUSE_LOCALLY if cloud.endpoint else _PAUSE


@dataclass
class _Run:
    plan: Plan
    cloud: Cloud
    options: argparse.Namespace

    def __post_init__(self) -> None:
        self._begin = time.monotonic()
        self._problems: list[str] = []

    def all(self) -> int:
        again = f"--run-id {self.plan.run} goes on, --only-clean {self.plan.run} removes it"
        try:
            answers = self._answers()
        except KeyboardInterrupt:
            print(f"\nverification: interrupted; {again}", file=sys.stderr)
            return INTERRUPTED
        cleaning, inventory = None, None
        if self.options.keep:
            self._say(f"kept, and billed: --only-clean {self.plan.run} removes it")
        else:
            try:
                cleaning, inventory = _cleaned(self.cloud, self.plan.run, self._say)
            except KeyboardInterrupt:
                print(f"\nverification: interrupted; {again}", file=sys.stderr)
                return INTERRUPTED
            _tell(cleaning, inventory)
        report = self._report(answers, cleaning, inventory)
        for path in report.write(Path.cwd()):
            self._say(f"wrote {path}")
        self._say(", ".join(f"{report.count(result)} {result}" for result in Result))
        left = inventory is not None and (inventory.left or inventory.unseen)
        return FAILED if left or self._problems else OK

    def _answers(self) -> list[Answer]:
        """Of every belief, however far the run came."""
        ended, again = None, "started" in self.plan.done
        try:
            self._deploy()
            ended = self._retrain()
        except (DeploymentFailed, ClientError, BotoCoreError, LookupError) as error:
            self._problems.append(f"{type(error).__name__}: {error}")
            self._say(str(error))
        probes = not self.options.no_probes
        world = World(self.cloud, self.plan, ended, probes=probes, pause=_pause(self.cloud))
        if again:
            # What an interrupted run has tried is tried anew.
            Cleaning(self.cloud, self.plan.run, self._say, _pause(self.cloud)).personalize("-probe")
        answers = []
        for belief in BELIEFS:
            finding = examine(belief, world)
            self._say(f"{finding.result:>12}  {belief.statement}")
            answers.append(Answer(belief, finding))
        return answers

    def _deploy(self) -> None:
        if "deployed" in self.plan.done:
            return
        self._say("deploys (about ten minutes on AWS)")
        Cdk(self.plan, self.cloud.environment).deploy()
        self.plan = self.plan.with_done("deployed")

    def _retrain(self) -> Ended:
        if "started" not in self.plan.done:
            for key in upload(self.cloud, self.plan):
                self._say(f"uploaded {key}")
            self.plan = self.plan.with_done("started", execution=start(self.cloud, self.plan))
        self._say("retrains (one to two hours on AWS)")
        ended = follow(self.cloud, self.plan.facts["execution"], self._say, pause=_pause(self.cloud))
        self._say(f"the run {ended.status}: {ended.output.get('outcome') or ended.cause}")
        if ended.status != "SUCCEEDED":
            self._problems.append(f"the run {ended.status}: {ended.error}: {ended.cause}")
        return ended

    def _report(
        self, answers: list[Answer], cleaning: Cleaning | None, inventory: Inventory | None
    ) -> Report:
        packages = ("boto3", "botocore", "aws-cdk-lib")
        return Report(
            run=self.plan.run,
            when=datetime.now(UTC),
            region=self.plan.region,
            endpoint=self.plan.endpoint,
            database=self.plan.database is not None,
            versions={
                **{name: version(name) for name in packages},
                "CDK CLI": Cdk(self.plan, self.cloud.environment).version(),
            },
            answers=answers,
            removed=tuple(cleaning.removed) if cleaning else (),
            inventory=inventory,
            problems=tuple(self._problems),
        )

    def _say(self, text: str) -> None:
        print(f"{time.monotonic() - self._begin:7.1f} s  {text}", flush=True)
