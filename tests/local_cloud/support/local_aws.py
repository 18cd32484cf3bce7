"""A server of the local cloud for tests, and short ways to what they do with it."""

import io
import json
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from local_cloud.ground.clients import client
from local_cloud.ground.settings import Rights, Settings
from local_cloud.machine.processes import die_with_parent
from tests.support.waiting import eventually

ROOT = Path(__file__).resolve().parents[3]
ROLE = "arn:aws:iam::123456789012:role/test"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class LocalAws:
    """A server in a process of its own, where an hour of waiting takes six seconds."""

    settings: Settings

    def client(self, service: str, region: str | None = None) -> Any:
        return client(self.settings, service, region)

    def machine(self, states: Mapping[str, Any], **program: Any) -> str:
        """Create a JSONata state machine that starts at the first of its states."""
        start = next(iter(states))
        definition = {"QueryLanguage": "JSONata", "StartAt": start, "States": states, **program}
        created = self.client("stepfunctions").create_state_machine(
            name=f"test-{uuid4().hex[:12]}", definition=json.dumps(definition), roleArn=ROLE
        )
        return str(created["stateMachineArn"])

    def start(self, states: Mapping[str, Any], payload: Any = None, **program: Any) -> str:
        return self.started(self.machine(states, **program), payload)

    def started(self, machine: str, payload: Any = None) -> str:
        """The ARN of a new execution of a state machine that is there."""
        execution = self.client("stepfunctions").start_execution(
            stateMachineArn=machine, input=json.dumps(payload)
        )
        return str(execution["executionArn"])

    def ended(self, execution: str) -> dict[str, Any]:
        """DescribeExecution once it no longer runs."""
        states = self.client("stepfunctions")

        def described() -> dict[str, Any] | None:
            answer: dict[str, Any] = states.describe_execution(executionArn=execution)
            return None if answer["status"] == "RUNNING" else answer

        ended: dict[str, Any] = eventually(described)
        return ended

    def run(self, states: Mapping[str, Any], payload: Any = None, **program: Any) -> dict[str, Any]:
        return self.ended(self.start(states, payload, **program))

    def output(self, states: Mapping[str, Any], payload: Any = None) -> Any:
        """The output of an execution that succeeds."""
        described = self.run(states, payload)
        assert described["status"] == "SUCCEEDED", f"{described.get('error')}: {described.get('cause')}"
        return json.loads(described["output"])

    def value(self, expression: str, payload: Any = None) -> Any:
        """What an expression evaluates to in a Pass state."""
        output = f"{{% {expression} %}}"
        return self.output({"Say": {"Type": "Pass", "Output": output, "End": True}}, payload)

    def bucket(self, objects: Mapping[str, str]) -> str:
        """A new bucket with these objects."""
        name, s3 = f"test-{uuid4().hex[:12]}", self.client("s3")
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": self.settings.region})
        for key, body in objects.items():
            s3.put_object(Bucket=name, Key=key, Body=body.encode())
        return name

    def function(self, code: str) -> str:
        """The ARN of a new function; its handler is `handler`."""
        name, iam = f"test-{uuid4().hex[:12]}", self.client("iam")
        principal = {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        trust = json.dumps({"Version": "2012-10-17", "Statement": [principal]})
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as content:
            content.writestr("code_of_test.py", code)
        created = self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=role,
            Handler="code_of_test.handler",
            Code={"ZipFile": archive.getvalue()},
            Timeout=30,
        )
        return str(created["FunctionArn"])

    def queue(self) -> tuple[str, str]:
        """The URL and ARN of a new queue."""
        sqs = self.client("sqs")
        url = sqs.create_queue(QueueName=f"test-{uuid4().hex[:12]}")["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        return str(url), str(attributes["QueueArn"])

    def received(self, queue_url: str, most: int = 1) -> list[str]:
        """The bodies of as many messages as are expected."""
        bodies: list[str] = []

        def enough() -> bool:
            answer = self.client("sqs").receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)
            bodies.extend(message["Body"] for message in answer.get("Messages", []))
            return len(bodies) >= most

        eventually(enough)
        return bodies


@contextmanager
def serving(folder: Path, rights: Rights = Rights.OFF) -> Iterator[LocalAws]:
    """A server whose state is in the folder; it ends with the block."""
    settings = Settings(
        port=free_port(),
        personalize_port=free_port(),
        gateway_port=free_port(),
        state_dir=folder,
        time_scale=600,
        rights=rights,
    )
    command = [
        sys.executable, "-m", "local_cloud.server", "--port", str(settings.port),
        "--personalize-port", str(settings.personalize_port), "--gateway-port", str(settings.gateway_port),
        "--time-scale", str(settings.time_scale), "--state-dir", str(folder), "--rights", rights.value,
    ]  # fmt: skip
    log = folder / "server.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, preexec_fn=die_with_parent
        ) as server,
    ):
        try:
            eventually(lambda: "listening on" in log.read_text() or server.poll() is not None, patience=60)
            assert server.poll() is None, log.read_text()
            yield LocalAws(settings)
        finally:
            server.terminate()
            server.wait(20)
