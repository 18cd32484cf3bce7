"""A deployed local cloud with the generated community in its database, and what tests do with it."""

import asyncio
import io
import json
import re
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import asyncpg

from api.answering import POINTER_SECONDS
from config.derived.names import notifications_table_name
from local_cloud import outbox
from local_cloud.demo import serving_table
from local_cloud.demo.executions import Start, scheduled_starts
from local_cloud.ground.clients import client
from local_cloud.ground.settings import PERSONALIZE_KEY
from local_cloud.lifecycle.cloud import Cloud
from local_cloud.lifecycle.servers import PERSONALIZE
from local_cloud.machine import processes
from local_cloud.machine.processes import Handle
from local_cloud.machine.state import Server
from tests.app.support.business.stages import LOCAL

ROOT = Path(__file__).resolve().parents[4]
TABLE = f"recs-{LOCAL.name}-serving"
NOTIFICATIONS = notifications_table_name(LOCAL.name)
VARIANT = "personalize"
_OF_ALARM = re.compile('(OK|ALARM|INSUFFICIENT_DATA): "')


@dataclass(frozen=True)
class Ended:
    """An execution that is over, and the e-mails that were sent while it ran."""

    arn: str
    status: str
    output: dict[str, Any]
    error: str
    cause: str
    emails: tuple[outbox.Email, ...]

    @property
    def outcome(self) -> str:
        return str(self.output.get("outcome"))


@dataclass(frozen=True)
class CommunityCloud:
    cloud: Cloud

    def client(self, service: str) -> Any:
        return client(self.cloud.settings, service)

    def start_of(self, use_case: str) -> Start:
        """What the schedule of the use case starts."""
        name = use_case.replace("_", "-")
        [start] = [start for start in scheduled_starts(self.client("scheduler")) if name in start.machine]
        return start

    def begin(self, use_case: str, *, force: bool = True) -> str:
        start = self.start_of(use_case)
        payload = {**json.loads(start.input), "force": force}
        answer = self.client("stepfunctions").start_execution(
            stateMachineArn=start.machine, input=json.dumps(payload)
        )
        return str(answer["executionArn"])

    def end_of(self, arn: str, seconds: float = 600) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            described: dict[str, Any] = self.client("stepfunctions").describe_execution(executionArn=arn)
            if described["status"] != "RUNNING":
                return described
            time.sleep(0.1)
        raise AssertionError(f"{arn} still runs after {seconds} s")

    def run(self, use_case: str, *, force: bool = True) -> Ended:
        before = len(self.emails())
        described = self.end_of(self.begin(use_case, force=force))
        return Ended(
            arn=described["executionArn"],
            status=described["status"],
            output=json.loads(described.get("output") or "{}"),
            error=described.get("error", ""),
            cause=described.get("cause", ""),
            emails=self.emails()[before:],
        )

    def until_served(self) -> None:
        """The API's functions remember for some seconds which generation is served."""
        time.sleep(POINTER_SECONDS)

    def emails(self) -> tuple[outbox.Email, ...]:
        """Without those of alarms, which go off when they do."""
        everything = outbox.emails(self.cloud.state.path)
        return tuple(mail for mail in everything if not _OF_ALARM.match(mail.subject))

    def sql(self, *statements: str) -> list[Any]:
        """The rows of the last statement; all in one transaction."""

        async def execute() -> list[Any]:
            connection = await asyncpg.connect(self.cloud.database().dsn)
            try:
                async with connection.transaction():
                    for statement in statements[:-1]:
                        await connection.execute(statement)
                    return list(await connection.fetch(statements[-1]))
            finally:
                await connection.close()

        return asyncio.run(execute())

    def forget_notifications(self) -> None:
        """As before the first weekly run: no claims, inboxes, devices or refusals, and an empty outbox."""
        dynamodb, ses = self.client("dynamodb"), self.client("sesv2")
        for page in dynamodb.get_paginator("scan").paginate(TableName=NOTIFICATIONS):
            for item in page["Items"]:
                key = {name: item[name] for name in ("pk", "sk")}
                dynamodb.delete_item(TableName=NOTIFICATIONS, Key=key)
        for refused in ses.list_suppressed_destinations()["SuppressedDestinationSummaries"]:
            ses.delete_suppressed_destination(EmailAddress=refused["EmailAddress"])
        outbox.empty(self.cloud.state.path)

    def users(self) -> list[str]:
        return [row["id"] for row in self.sql("SELECT id::text AS id FROM users ORDER BY id")]

    def audience(self, use_case: str) -> list[str]:
        """Who gets lists: users, or the programs that others are similar to."""
        if use_case == "similar_programs":
            return [row["id"] for row in self.sql("SELECT id::text AS id FROM programs ORDER BY id")]
        return self.users()

    def served(self, use_case: str) -> serving_table.Served | None:
        return serving_table.read(self.client("dynamodb"), TABLE, use_case, VARIANT, self.audience(use_case))

    def resource(self, logical: str, kind: str, stack: str) -> str:
        """The physical id of the one resource of this type whose logical id has these words."""
        pages = self.client("cloudformation").list_stack_resources(StackName=f"Local-{LOCAL.region}-{stack}")
        [found] = [
            resource["PhysicalResourceId"]
            for resource in pages["StackResourceSummaries"]
            if resource["ResourceType"] == kind and logical in resource["LogicalResourceId"]
        ]
        return str(found)

    def function(self, logical: str) -> str:
        return self.resource(logical, "AWS::Lambda::Function", "Training")

    def bucket(self) -> str:
        """The data bucket, which is the one that keeps its access logs in another."""
        s3 = self.client("s3")
        names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
        [name] = [name for name in names if "LoggingEnabled" in s3.get_bucket_logging(Bucket=name)]
        return str(name)

    @contextmanager
    def denied(self, actions: list[str], prefix: str, principal: str = "*") -> Iterator[None]:
        """The bucket's policy refuses these actions below the prefix."""
        s3, bucket = self.client("s3"), self.bucket()
        before = s3.get_bucket_policy(Bucket=bucket)["Policy"]
        policy = json.loads(before)
        policy["Statement"].append(
            {
                "Effect": "Deny",
                "Principal": principal,
                "Action": actions,
                "Resource": f"arn:aws:s3:::{bucket}/{prefix}*",
            }
        )
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
        try:
            yield
        finally:
            s3.put_bucket_policy(Bucket=bucket, Policy=before)

    @contextmanager
    def personalize_with(self, *options: str) -> Iterator[None]:
        """The Personalize server restarted with more options, over the same data."""
        self._restart_personalize(*options)
        try:
            yield
        finally:
            self._restart_personalize()

    def _restart_personalize(self, *options: str) -> None:
        cloud, settings = self.cloud, self.cloud.settings
        record = cloud.state.read()
        assert record is not None
        [old] = [server for server in record.servers if server.name == PERSONALIZE]
        process = old.handle.process()
        assert process is not None
        arguments = process.cmdline()
        own = {"AWS_ACCESS_KEY_ID": PERSONALIZE_KEY}
        processes.end(process)
        cloud.state.write(replace(record, servers=tuple(s for s in record.servers if s is not old)))
        if "--rate-limit" in arguments:
            arguments = arguments[: arguments.index("--rate-limit")]
        processes.start(
            [*arguments, *options],
            log=cloud.state.path / "logs" / "personalize.log",
            ready="listening on",
            environment=settings.environment() | own,
            launched=lambda new: cloud.state.add(Server(old.name, old.port, Handle.of(new))),
        )

    @contextmanager
    def definition(self, use_case: str, old: str, new: str) -> Iterator[None]:
        """The state machine with some text of its definition replaced."""
        machines, arn = self.client("stepfunctions"), self.start_of(use_case).machine
        before = machines.describe_state_machine(stateMachineArn=arn)["definition"]
        assert old in before, f"the definition does not have {old!r}"
        machines.update_state_machine(stateMachineArn=arn, definition=before.replace(old, new))
        try:
            yield
        finally:
            machines.update_state_machine(stateMachineArn=arn, definition=before)

    @contextmanager
    def held(self, table: str) -> Iterator[None]:
        """Nobody reads the table meanwhile: a run that extracts it waits."""
        with asyncio.Runner() as runner:
            connection = runner.run(asyncpg.connect(self.cloud.database().dsn))
            try:
                runner.run(connection.execute(f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
                yield
            finally:
                runner.run(connection.close())

    def has_entered(self, arn: str, state: str) -> bool:
        """Whether the execution has come as far as this state."""
        pages = self.client("stepfunctions").get_paginator("get_execution_history")
        return any(
            event.get("stateEnteredEventDetails", {}).get("name") == state
            for page in pages.paginate(executionArn=arn)
            for event in page["events"]
        )

    def deploy(self, logical: str, changed: Mapping[str, str]) -> None:
        """The function runs this working tree's code with some files changed, or with more files."""
        self.client("lambda").update_function_code(
            FunctionName=self.function(logical), ZipFile=_archive(changed)
        )

    def log_of(self, logical: str) -> list[str]:
        """What the function has written, oldest first."""
        name = self.function(logical)
        configuration = self.client("lambda").get_function_configuration(FunctionName=name)
        pages = self.client("logs").get_paginator("filter_log_events")
        return [
            event["message"]
            for page in pages.paginate(logGroupName=configuration["LoggingConfig"]["LogGroup"])
            for event in page["events"]
        ]

    @contextmanager
    def sabotaged(self, logical: str, handler: str, code: str) -> Iterator[None]:
        """The function runs `code` (a module with `lambda_handler`) around its own handler, `real`."""
        functions, name = self.client("lambda"), self.function(logical)
        module, attribute = handler.rsplit(".", 1)
        wrapper = f"from {module} import {attribute} as real\n{code}"
        self.deploy(logical, {"saboteur.py": wrapper})
        functions.update_function_configuration(FunctionName=name, Handler="saboteur.lambda_handler")
        try:
            yield
        finally:
            self.deploy(logical, {})
            functions.update_function_configuration(FunctionName=name, Handler=handler)


def _archive(changed: Mapping[str, str]) -> bytes:
    """The functions' code asset, with these files instead of its own, or besides."""
    buffer, source = io.BytesIO(), ROOT / "lambda_src"
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(source.rglob("*.py")):
            name = path.relative_to(source).as_posix()
            if name not in changed:
                archive.write(path, name)
        for name, text in changed.items():
            archive.writestr(name, text)
    return buffer.getvalue()
