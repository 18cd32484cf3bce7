"""Carries a plan out. It can be killed anywhere: what is left is found again, and goes in the next run."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from operations.estate.ending import Waiting, await_gone
from operations.estate.kinds import BY_WORDS, DELETABLE, SOLUTION_VERSION, Kind
from operations.estate.listing import GONE, code, described
from operations.leaving import files, logs, rights
from operations.leaving.jobs import Job
from operations.leaving.plan import Plan
from operations.leaving.scope import Clients, Thing

_IN_USE = "ResourceInUseException"
_LOOKS_IN_USE = 20
_PAGE = 1000
"""objects that S3 deletes in one request"""


class NotOfTheStage(AssertionError):
    """Something was to be removed whose name is not one of the stage's."""


@dataclass
class Departure:
    """problems: what could not be removed, and why. stuck: use cases of which something is still there."""

    clients: Clients
    plan: Plan
    waiting: Waiting
    problems: list[str] = field(default_factory=list)
    stuck: dict[str, str] = field(default_factory=dict)

    def run(self) -> list[str]:
        """What could not be removed, all of it: what does not depend on a failure goes on."""
        self._end_what_runs()
        for kind in DELETABLE:
            self._delete(kind, self.plan.of(kind.words))
        removals: dict[str, Callable[[Thing], None]] = {
            files.FILES: self._files,
            rights.BUCKET_POLICY: self._bucket_policy,
            rights.GRANT: self._grant,
            rights.KEY_POLICY: self._key_policy,
            rights.ROLE: self._role,
            logs.LOG_GROUP: self._log_group,
        }
        for part, remove in removals.items():
            for thing in self.plan.of(part):
                try:
                    remove(thing)
                    self.waiting.say(f"{part} {thing.name}: removed")
                except (ClientError, BotoCoreError) as error:
                    self.problems.append(f"{part} {thing.name}: {error}")
        return self.problems

    @property
    def _personalize(self) -> Any:
        return self.clients("personalize")

    def _end_what_runs(self) -> None:
        """Trainings are stopped; jobs cannot be, and nothing that they use can be deleted while they run."""
        training = [one for one in self.plan.of(SOLUTION_VERSION.words) if one.details.get("running")]
        for version in training:
            self.waiting.say(f"{version.kind} {version.name}: its training is stopped")
            try:
                self._personalize.stop_solution_version_creation(solutionVersionArn=version.handle)
            except ClientError as error:
                # It may have ended by itself, which is as good.
                self.waiting.say(f"  {error}")
        running = [(job.kind, job.name, job.arn) for job in self.plan.jobs if job.running]
        running += [(one.kind, one.name, one.handle) for one in training]
        for kind, name, arn in running:
            self._await_end(BY_WORDS[kind], name, arn)

    def _await_end(self, kind: Kind, name: str, arn: str) -> None:
        for look in range(self.waiting.patience):
            found = described(self._personalize, kind, arn)
            status = str((found or {}).get("status", ""))
            job = Job(kind.words, name, arn, "", status)
            if not job.running and "STOPPING" not in status:
                return
            if look == 0:
                self.waiting.say(f"{kind.words} {name}: waits for its end")
            self.waiting.sleep(self.waiting.pause)
        self.problems.append(f"{kind.words} {name} still runs: run this again later")

    def _delete(self, kind: Kind, things: Sequence[Thing]) -> None:
        waits = [thing for thing in things if thing.of in self.stuck]
        todo = [thing for thing in things if thing.of not in self.stuck]
        if waits:
            self.waiting.say(f"{kind.words}: {len(waits):,} not tried, since something before them is left")
        if not todo:
            return
        self.waiting.say(f"{kind.words}: {len(todo):,} to delete")
        taken = [thing for thing in todo if self._is_taken(kind, thing)]
        left = await_gone(self._personalize, kind, [thing.handle for thing in taken], self.waiting)
        for thing in taken:
            if thing.handle in left:
                self._give_up(thing, "its deletion has not ended: run this again later")

    def _is_taken(self, kind: Kind, thing: Thing) -> bool:
        """Whether the service has begun to delete it, or did before."""
        if not thing.name.startswith(self.plan.scope.names.prefix):
            raise NotOfTheStage(thing.name)
        for _ in range(min(_LOOKS_IN_USE, self.waiting.patience)):
            try:
                getattr(self._personalize, kind.deletion)(**{kind.arn: thing.handle})
                return True
            except (ClientError, BotoCoreError) as error:
                reason, answer = str(error), code(error) if isinstance(error, ClientError) else ""
            if answer == GONE:
                return True
            if answer != _IN_USE:
                break
            # It is being deleted already, or updated, or what uses it has not gone everywhere yet.
            status = str((described(self._personalize, kind, thing.handle) or {}).get("status", ""))
            if status.startswith("DELETE"):
                return True
            self.waiting.sleep(self.waiting.pause)
        self._give_up(thing, reason)
        return False

    def _give_up(self, thing: Thing, why: str) -> None:
        self.problems.append(f"{thing.kind} {thing.name}: {why}")
        self.stuck.setdefault(thing.of, thing.name)

    def _files(self, place: Thing) -> None:
        s3, bucket = self.clients("s3"), place.details["bucket"]
        there = list(files.versions(s3, place))
        for first in range(0, len(there), _PAGE):
            batch = there[first : first + _PAGE]
            answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})
            for error in answer.get("Errors", ())[:1]:
                self.problems.append(
                    f"{place.name}: {error['Key']}: {error['Code']} {error.get('Message', '')}"
                )

    def _bucket_policy(self, policy: Thing) -> None:
        """CloudFormation's own Deny without TLS stays; a policy of no statement is none."""
        s3, rest = self.clients("s3"), policy.details["rest"]
        if rest["Statement"]:
            s3.put_bucket_policy(Bucket=policy.handle, Policy=json.dumps(rest))
        else:
            s3.delete_bucket_policy(Bucket=policy.handle)

    def _key_policy(self, policy: Thing) -> None:
        """KMS refuses a policy that nobody could change any more."""
        self.clients("kms").put_key_policy(
            KeyId=policy.handle, PolicyName="default", Policy=json.dumps(policy.details["rest"])
        )

    def _grant(self, grant: Thing) -> None:
        self.clients("kms").revoke_grant(KeyId=grant.details["key"], GrantId=grant.handle)

    def _role(self, role: Thing) -> None:
        iam, name = self.clients("iam"), role.handle
        for page in iam.get_paginator("list_attached_role_policies").paginate(RoleName=name):
            for policy in page["AttachedPolicies"]:
                iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
        for page in iam.get_paginator("list_role_policies").paginate(RoleName=name):
            for policy in page["PolicyNames"]:
                iam.delete_role_policy(RoleName=name, PolicyName=policy)
        iam.delete_role(RoleName=name)

    def _log_group(self, group: Thing) -> None:
        self.clients("logs").delete_log_group(logGroupName=group.handle)
