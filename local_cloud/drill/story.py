"""The drill's acts, in their order, on a stage that is deployed in two regions and has data."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from config.derived.switching import switch_name
from local_cloud.demo.executions import RunFailed
from local_cloud.drill.places import Place, eventually
from local_cloud.drill.traffic import Traffic
from local_cloud.drill.waits import Waits, waits
from local_cloud.lifecycle.cdk import ROOT
from local_cloud.lifecycle.regions import RegionsOf
from local_cloud.machine.progress import Progress

_SWITCH_SECONDS = 600
_LATE: dict[str, Any] = {"seconds": 0.3, "shuffled": True, "seed": 1}
_VERY_LATE: dict[str, Any] = {**_LATE, "seconds": 2.0}
_FIRST_READS = 20
_WHY = "a drill"


@dataclass(frozen=True)
class Moment:
    """One moment on both clocks: that of this machine's runs, and that of executions (epoch seconds)."""

    monotonic: float
    epoch: float

    @classmethod
    def now(cls) -> "Moment":
        return cls(time.monotonic(), time.time())


@dataclass
class Found:
    """What the drill has seen; times in seconds after the loss.

    missing: writes that had not been copied when the region was lost, by table or bucket. epochs: of
    generations. learned: events of any region that the last training was given. canaries: what they
    answered, by region, after the switch and once the lost region was back.
    """

    lost: Moment | None = None
    back: Moment | None = None
    missing: dict[str, int] = field(default_factory=dict)
    switched: float = 0.0
    trained: float = 0.0
    switch_waits: Waits = field(default_factory=Waits)
    training_waits: Waits = field(default_factory=Waits)
    interrupted: str = ""
    fenced: list[str] = field(default_factory=list)
    told: list[Any] = field(default_factory=list)
    epochs: dict[str, int] = field(default_factory=dict)
    canaries: list[dict[str, Any]] = field(default_factory=list)
    uncopied: dict[str, int] = field(default_factory=dict)
    planned: dict[str, float] = field(default_factory=dict)
    learned: int = 0


@dataclass
class Story:
    """primary, standby: of the stage. use_cases: that are trained, and whose lists are read."""

    primary: Place
    standby: Place
    regions: RegionsOf
    use_cases: tuple[str, ...]
    notification: str
    progress: Progress
    found: Found = field(default_factory=Found)

    def begin(self) -> None:
        """The primary is the active region, whatever an earlier drill has left."""
        epochs = self.primary.items("region#").values()
        newest = max(epochs, key=lambda item: int(item["epoch"]["N"]), default=None)
        if newest and (newest["region"]["S"] != self.primary.region or newest["state"]["S"] != "active"):
            self._operate("back")

    def lists_everywhere(self) -> None:
        """The primary trains, publishes and notifies; the standby has the copies."""
        self._train(self.primary)
        self.primary.succeeded(self.primary.start(self.notification))
        self.regions.drained()

    def lose_the_primary(self, traffic: Traffic) -> None:
        """In the middle of a training, while copies of what it writes are late and in any order."""
        eventually(lambda: len(traffic.reads) > _FIRST_READS or None, "nobody reads")
        self.regions.links(**_VERY_LATE)
        self.found.interrupted = self.primary.start(self.use_cases[0], force=True)
        eventually(lambda: self._not_copied() or None, "the training writes nothing")
        self.regions.down(self.primary.region)
        self.found.lost = Moment.now()
        self.found.missing = self._not_copied()
        self.progress.say(f"{self.primary.region} is lost, with a training under way")

    def _not_copied(self) -> dict[str, int]:
        """Writes of the primary that are under way, by table or bucket."""
        return {
            name: count
            for link in self.regions.told()["links"]
            if link["from"] == self.primary.region
            for name, count in link["waiting"].items()
        }

    def take_over(self) -> None:
        lost = self.found.lost
        assert lost is not None
        self._operate("switch", "--to", self.standby.region, "--lost")
        self.found.switched = time.monotonic() - lost.monotonic
        switches = self.standby.executions(switch_name(self.standby.stage))
        self.found.switch_waits = waits(map(self.standby.history, switches), lost.epoch)
        self.found.canaries.append({self.standby.region: self.standby.canary()})
        runs = self._train(self.standby)
        self.found.trained = time.monotonic() - lost.monotonic
        self.found.training_waits = waits(map(self.standby.history, (*switches, *runs)), lost.epoch)
        # Who has been told this week is not told again, whatever had been copied.
        self.found.told.append(self.standby.ended(self.standby.start(self.notification)))

    def have_it_back(self) -> None:
        """It comes back with its old state, and hears that it is not the active region any more.

        Raises: RunFailed, if that does not come about.
        """
        self.regions.up(self.primary.region)
        self.found.back = Moment.now()
        self.progress.say(f"{self.primary.region} is back, with all that it had")
        self.primary.ended(self.found.interrupted)
        self.regions.links()
        if not self.regions.drained():
            raise RunFailed("what was under way between the regions does not arrive")
        for what in (*self.use_cases, self.notification):
            output = self.primary.succeeded(self.primary.start(what))
            self.found.fenced.append(str(output.get("outcome")))
        self.found.canaries.append({each.region: each.canary() for each in (self.primary, self.standby)})
        eventually(lambda: self.primary.queued() == 0 or None, "events stay in the queue")

    def switch_as_planned(self, traffic: Traffic) -> None:
        """Back, and then to the standby and back once more."""
        steps: tuple[tuple[Place, tuple[str, ...]], ...] = (
            (self.primary, ("back",)),
            (self.standby, ("switch", "--to", self.standby.region, "--planned")),
            (self.primary, ("back",)),
        )
        for number, (to, command) in enumerate(steps, start=1):
            self.regions.links(**_LATE)
            begun = time.monotonic()
            self._operate(*command)
            name = f"{number}. to {to.region}"
            self.found.planned[name] = time.monotonic() - begun
            self.found.uncopied[name] = self._uncopied()
            traffic.prefer(to.region)
        self.regions.links()

    def settle(self) -> None:
        """Nothing is under way any more, and the primary learns of what has happened everywhere."""
        for place in (self.primary, self.standby):
            eventually(lambda place=place: place.queued() == 0 or None, "events stay in the queue")  # type: ignore[misc]
        self.regions.drained()
        self._train(self.primary, self.use_cases[:1])
        self.found.learned = self.primary.learned_events(self.use_cases[0])

    def _uncopied(self) -> int:
        """Items of lists and pointers that one region has and the other does not."""
        count = 0
        for prefix in ("user#", "pointer#", "region#"):
            here, there = self.primary.items(prefix), self.standby.items(prefix)
            count += len(here.keys() ^ there.keys()) + sum(
                here[key] != there[key] for key in here.keys() & there.keys()
            )
        return count

    def _train(self, place: Place, use_cases: tuple[str, ...] = ()) -> list[str]:
        """All at once; the executions. Raises: RunFailed."""
        names = use_cases or self.use_cases
        with self.progress.step(f"{', '.join(names)}: trained and published in {place.region}"):
            runs = [place.start(name, force=True, acceptModel=True) for name in names]
            for run in runs:
                output = place.succeeded(run)
                if output.get("outcome") != "published":
                    raise RunFailed(f"{run} ended as {output.get('outcome')}: {output.get('reason')}")
        for item in place.items("pointer#").values():
            epoch = int(item["epoch"]["N"]) if "epoch" in item else 0
            self.found.epochs.setdefault(item["generation"]["S"], epoch)
        return runs

    def _operate(self, action: str, *more: str) -> None:
        """As an operator does. Raises: RunFailed."""
        regions = f"{self.primary.region},{self.standby.region}"
        command = [
            *(sys.executable, "-m", "operations", "region", action, "--stage", self.primary.stage),
            *("--regions", regions, "--why", _WHY, "--yes", *more),
        ]
        environment = self.primary.settings.environment()
        with self.progress.step(f"operations region {action} {' '.join(more)}".strip()):
            done = subprocess.run(
                command,
                cwd=ROOT,
                env={**os.environ, **environment},
                capture_output=True,
                text=True,
                timeout=_SWITCH_SECONDS,
                check=False,
            )
        self.progress.show(_indented(done.stdout))
        if done.returncode:
            raise RunFailed(f"`{' '.join(command[1:])}` ended with {done.returncode}: {done.stderr}")


def _indented(text: str) -> str:
    return "\n".join(f"          {line}" for line in text.splitlines())
