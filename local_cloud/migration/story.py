"""The story, part by part: a heuristic, Personalize against it, the own model, Personalize left behind."""

import json
import textwrap
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_cloud import outbox
from local_cloud.machine.progress import Progress
from local_cloud.migration import bad_model
from local_cloud.migration.days import Days
from local_cloud.migration.findings import Findings, Lift, counted_alike, lift_truth
from local_cloud.migration.place import RETRAINING, PartFailed, Place
from local_cloud.migration.stage import ACTION, HEURISTIC, OWN, PERSONALIZE, STAGE, USE_CASE
from pipeline.experiments.experiment import AA, ASKED, FULL, RETURNED, RUNNING, SHADOW
from trial_data.figures import conversion
from trial_data.files import files
from trial_data.visits import Visit

_OF = ("--stage", STAGE.name, "--use-case", USE_CASE, "--region", STAGE.region)
_BY = ("--by", "demo")
_METRIC = ("--metric", f"{ACTION}s per impression")
_WIDTH = 70
_LEAVING = ("Serving", "Observability", "Training", "Tracking", "Data")
_MOST_DAYS = 9


@dataclass
class Story:
    place: Place
    days: Days
    progress: Progress
    findings: Findings = field(default_factory=Findings)
    lifts: list[Lift] = field(default_factory=list)
    started: list[int] = field(default_factory=list)

    def say(self, text: str) -> None:
        head, *rest = textwrap.wrap(text, _WIDTH)
        self.progress.say(head)
        for line in rest:
            self.progress.show(f"{'':10}{line}")

    def heuristic_alone(self, assemblies: "Future[None]") -> None:
        with self.progress.step("the configuration of all parts is synthesised"):
            assemblies.result()
        self.days.morning()
        self._deploy("first", "heuristic (default), Personalize")
        self.place.confirm_mails()
        self.days.asks()
        self._retrain()
        for _ in range(2):
            self._day((HEURISTIC, PERSONALIZE))
            self.days.morning()

    def personalize_against_the_heuristic(self) -> None:
        self._experiment(
            *("start", "--control", HEURISTIC, "--treatment", PERSONALIZE, "--phase", "running"),
            *(
                "--expose",
                "100%",
                "--salt",
                "first",
                "--hypothesis",
                "lists of their own are better",
                *_METRIC,
            ),
            why="is Personalize worth its price",
        )
        self.started.append(self.place.experiment().version)
        begun = self.days.number
        for _ in range(2):
            self._day((HEURISTIC, PERSONALIZE))
            self.days.morning()
        self._measure(
            "Personalize against the heuristic", range(begun, self.days.number), HEURISTIC, PERSONALIZE
        )
        self._experiment("stop", why="decided")

    def own_in_shadow(self) -> None:
        self._deploy("beside", "Personalize (default), own; no heuristic")
        self._retrain()
        compared = self.place.operations(
            *("compare", "--stage", STAGE.name, "--region", STAGE.region, "--use-case", USE_CASE, "--json"),
            most=1,
        )
        found = json.loads(compared)
        self.say(f"$ operations compare: {found['summary']}")
        self.findings.check(
            "the lists of both were compared, and nothing blocks a ramp",
            not found["blocks"],
            f"run {found['run']}, {len(found['verdicts'])} verdicts, {len(found['blocks'])} blocks",
        )
        self._experiment(
            *("start", "--control", PERSONALIZE, "--treatment", OWN, "--salt", "second"),
            *("--hypothesis", "own is as good", *_METRIC),
            why="as good, and nothing to pay",
        )
        self.started.append(self.place.experiment().version)
        self._ramp_looks(SHADOW)
        self._day((PERSONALIZE, OWN))

    def aa_and_ten_percent(self) -> None:
        for state in (AA, RUNNING):
            self.days.morning()
            if state == RUNNING:
                self.say(f"A/A: {self.days.measured()['decision']['words']}")
            self._ramp_looks(state)
            self._day((PERSONALIZE, OWN))

    def fifty_percent_and_a_bad_model(self) -> None:
        """Raises: PartFailed, if the watch says what it does not do, or a part does not come about."""
        self.days.morning()
        self.days.measured()
        self._ramp_looks(RUNNING)
        exposure = self.place.experiment().exposure
        self.findings.check(
            "the ramp went from 10 to 50 % by itself", exposure == 10_000, f"exposure {exposure:,}"
        )
        self._day((PERSONALIZE, OWN), before=14)
        name = bad_model.publish(self.place, OWN, self.days.town.people)
        self.say(f"a BAD MODEL is published for own ({name}): empty lists for three of four")
        asked, words, answer = 0, "", {"words": "nothing, it was not asked"}
        seen: list[Visit] = []
        for some in self.days.people_come_bit_by_bit(after=14):
            seen += some
            if words:
                continue
            asked += 1
            self.days.later(minutes=5)
            answer = self.place.watch()
            now = self.place.experiment()
            if now.state == RETURNED:
                words = now.why
                self.say(f"RETURNED by the {now.changed_by}, its call number {asked}: {words}")
                treated = sum(one.shown.arm == "treatment" for one in seen)
                self.findings.check(
                    "the bad model was returned automatically",
                    now.changed_by in ("watch", "ramp"),
                    f"by the {now.changed_by}, when {treated} of the treated had asked",
                )
            elif answer["action"] != "stay":
                raise PartFailed(f"the watch says {answer}, and the experiment is {now.state}")
        if not words:
            raise PartFailed(f"nobody brought people back from the bad model; the watch: {answer['words']}")
        empty = sum(not one.shown.items for one in seen)
        self.findings.check(
            "nobody got an empty list from the bad model", not empty, f"{len(seen)} lists, {empty} empty"
        )
        self._told()

    def _told(self) -> None:
        mails = [mail for mail in outbox.emails(self.place.cloud.state.path) if "RETURNED" in mail.subject]
        if mails:
            self.say(f"e-mail in the outbox: {mails[-1].subject!r}")
        self.findings.check("whoever is responsible was told by e-mail", bool(mails), f"{len(mails)} e-mails")

    def on_to_everybody(self) -> None:
        """Raises: PartFailed, if the ramp never asks for approval."""
        self.days.morning()
        self.place.operations("rollback", *_OF, "--variant", OWN)
        self.say("$ operations rollback --variant own: the good lists are back")
        self._experiment("resume", why="the bad lists are gone")
        first = self.days.number - 2
        for _ in range(_MOST_DAYS):
            self._day((PERSONALIZE, OWN))
            self.days.morning()
            report = self.days.measured()
            self.say(f"measured: {report['decision']['words']}")
            self._ramp_looks(RUNNING)
            if self.place.experiment().approval == ASKED:
                break
        else:
            raise PartFailed("the ramp never asked for approval")
        self._lift("own against Personalize", report, range(first, self.days.number), PERSONALIZE, OWN)
        self._experiment("approve", why="as good, and nothing to pay")
        self._ramp_looks(FULL)
        self._day((PERSONALIZE, OWN))

    def personalize_left_behind(self) -> None:
        self.days.morning()
        self._experiment("stop", why="own answers everybody from now on")
        deployment = self.place.deployment("alone")
        with self.progress.step("own alone: cdk destroy Experiments, deploy the others"):
            # As long as the configuration has it.
            self.place.deployment("beside").destroy("Experiments")
            for stack in _LEAVING:
                deployment.deploy(stack)
        proof = self.place.folder / "decommissioned.json"
        leave = ("decommission", "--stage", STAGE.name, "--region", STAGE.region, "--pause", "0.1", "--yes")
        with self.progress.step("$ operations decommission --yes"):
            self.place.operations(*leave, "--proof", str(proof))
        self._proved(proof)
        self._retrain()
        self._day((OWN,))
        left = sum(one.shown.variant != OWN for one in self.days.visits if one.day == self.days.today)
        self.findings.check(
            "the environment goes on without Personalize", not left, f"a run, and {left} answers of another"
        )

    def _proved(self, proof: Path) -> None:
        found = json.loads(proof.read_text())
        recorded = [one for region in found["regions"] for one in region["recorded"]]
        gone = [one for one in recorded if one["answer"].endswith("Exception")]
        left = self.place.client("personalize").list_dataset_groups()["datasetGroups"]
        self.say(f"proof {proof}: {len(gone)} of {len(recorded)} recorded things are not found")
        self.findings.check(
            "nothing of it is left in Personalize, with a proof",
            bool(found["complete"]) and bool(gone) and not left,
            f"complete: {found['complete']}; {len(gone)} things not found, {len(left)} dataset groups left",
        )

    def _deploy(self, part: str, what: str) -> None:
        with self.progress.step(f"cdk deploy: {what}"):
            self.place.deployment(part).deploy()

    def _retrain(self) -> None:
        self.place.upload(files(self.days.town, before=self.days.first, more=self.days.visits))
        with self.progress.step("retraining has run"):
            output = self.place.run(RETRAINING)
        told = [f"{one.get('variant', OWN)} {one['outcome']}" for one in output.get("variants", [output])]
        self.say(f"run {output['run']}: {', '.join(told)}")
        bad = [one for one in told if not one.endswith("published")]
        if bad:
            raise PartFailed(f"a run has not published: {', '.join(bad)}")
        self.days.warm()

    def _experiment(self, action: str, *words: str, why: str) -> None:
        self.place.operations("experiment", action, *_OF, *_BY, "--why", why, *words)
        self.say(f"$ operations experiment {action}: {self.place.experiment().state} ({why})")

    def _ramp_looks(self, wanted: str) -> None:
        before = self.place.experiment()
        self.days.ramp_looks()
        after = self.place.experiment()
        if after.version != before.version:
            self.say(f"the ramp: {after.why}")
        if after.state != wanted:
            raise PartFailed(f"the experiment is {after.state}, not {wanted}: {after.why}")

    def _day(self, variants: tuple[str, ...], before: float = 24) -> None:
        done = self.days.people_come(variants, before=before)
        by: dict[str, list[Visit]] = {}
        for one in done:
            by.setdefault(one.shown.variant, []).append(one)
        rows = [conversion(name, some) for name, some in by.items()]
        told = ", ".join(f"{row.of} {row.actions / max(row.impressions, 1):.1%}" for row in rows)
        self.say(f"day {self.days.number}, {self.days.today}: {len(done)} visits, conversion {told}")

    def _measure(self, of: str, days: range, control: str, treatment: str) -> None:
        self._lift(of, self.days.measured(), days, control, treatment)

    def _lift(self, of: str, report: Mapping[str, Any], days: range, control: str, treatment: str) -> None:
        lift = Lift(of, report, lift_truth(self.days.truths, days, control, treatment))
        self.lifts.append(lift)
        self.findings.check(f"{of}: measured, with an interval", lift.limits is not None, str(report["day"]))
        last = report["looks"]["last"] or 0
        until = days.start + last - 1
        seen = [one for one in self.days.visits if days.start <= self._number(one) <= until]
        self.findings.checks.append(counted_alike(report, seen, self._first_version()))
        for line in lift.lines():
            self.say(line)

    def _first_version(self) -> int:
        """In which the arms of the experiment first had different lists."""
        salt = self.place.experiment().salt
        found = [
            past.number
            for past in self.place.experiments().history()
            if past.experiment and past.experiment.salt == salt and past.experiment.state == RUNNING
        ]
        return min(found)

    def _number(self, visit: Visit) -> int:
        return (visit.day - self.days.first).days + 1

    @property
    def parts(self) -> tuple[Callable[[], None], ...]:
        return (
            self.personalize_against_the_heuristic,
            self.own_in_shadow,
            self.aa_and_ten_percent,
            self.fifty_percent_and_a_bad_model,
            self.on_to_everybody,
            self.personalize_left_behind,
        )
