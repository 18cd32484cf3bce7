"""A state machine as it is deployed, on the interpreter of the local cloud, among stand-ins.

A function answers in place of the steps, and a server in place of Personalize.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.app.support.template_reading import Machine
from tests.local_cloud.support.local_aws import LocalAws

OUTPUT = "s3://data/batch/posts/run/output/"
STEPS = """
def handler(event, context):
    step, said = event["test"]["step"], event["test"]["answers"]
    if "error" in said.get(step, {}):
        raise type(said[step]["error"], (Exception,), {})(said[step]["why"])
    usual = {
        "list_opt_outs": {"key": "opted-out.json", "users": 0},
        "extract_dataset": {"dataset": event.get("dataset"), "location": "s3://data/x.csv", "key": "x.csv"},
        "compare_datasets": {"changed": True, "reason": "it is Monday", "solutionVersionArn": None},
        "train_model": {"modelKey": "model.rec", "modelDigest": "d", "metrics": {"coverage": 0.5}},
        "judge_solution_version": {
            "use": True, "verdict": "first", "reason": "", "metrics": {"coverage": 0.5}
        },
        "write_batch_input": {
            "users": 2, "shards": 1, "shardsKey": "shards.json", "popularKey": "popular.json",
            "inputLocation": "s3://data/input/", "outputLocation": "s3://data/batch/posts/run/output/",
        },
        "compare_variants": {"compared": []},
        "recommend_shard": {"lists": 2, "short": 0},
        "load_recommendations": {"users": 2, "errors": 0},
        "publish_generation": {"generation": event.get("generation"), "previous": None, "users": 2},
    }
    return {**usual[step], **said.get(step, {})}
"""
JOBS = {"SolutionVersion": "solutionVersion", "DatasetImportJob": "datasetImportJob"}
JOBS["BatchInferenceJob"] = "batchInferenceJob"


@dataclass
class Personalize:
    """status: of solution versions. requests: (operation, body) of each."""

    status: str = "ACTIVE"
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def answer(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        self.requests.append((operation, body))
        verb, kind = ("Create", operation[6:]) if operation.startswith("Create") else ("", operation[8:])
        if kind not in JOBS:
            return {}
        if verb:
            return {f"{JOBS[kind]}Arn": f"arn:aws:personalize:eu-west-1:123456789012:{kind}/x"}
        status = self.status if kind == "SolutionVersion" else "ACTIVE"
        return {JOBS[kind]: {"status": status, "failureReason": "too few interactions"}}

    @contextmanager
    def listening(self, port: int) -> Iterator[None]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = service.answer(self.headers["X-Amz-Target"].rpartition(".")[2], body)
                self.send_response(200)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


@dataclass(frozen=True)
class Ended:
    """states: names of those that were entered. outcomes: of branches that ended, by variant."""

    status: str
    output: dict[str, Any]
    error: str
    cause: str
    states: list[str]
    outcomes: dict[str, dict[str, Any]]
    messages: list[str]
    requests: list[tuple[str, dict[str, Any]]]


@dataclass(frozen=True)
class Rehearsal:
    """The local cloud with what the state machine needs, and the machine as it is deployed."""

    aws: LocalAws
    machine: Machine
    handlers: dict[str, str]
    function: str
    bucket: str
    table: str
    """in which nobody has switched regions"""

    def run(
        self,
        answers: dict[str, dict[str, Any]],
        *,
        variant: str = "",
        personalize: str = "ACTIVE",
        messages: int = 0,
    ) -> Ended:
        """answers: of steps, by their names, to calls for the variant; all others answer as usual."""
        queue, queue_arn = self.aws.queue()
        sns = self.aws.client("sns")
        topic = sns.create_topic(Name=queue_arn.rpartition(":")[2])["TopicArn"]
        sns.subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=queue_arn, Attributes={"RawMessageDelivery": "true"}
        )
        definition = json.loads(json.dumps(self.machine.definition).replace("<AWS::Partition>", "aws"))
        self._stand_in(definition["States"], topic, answers, variant)
        service = Personalize(personalize)
        with service.listening(self.aws.settings.personalize_port):
            states = self.aws.client("stepfunctions")
            machine = states.create_state_machine(
                name=f"recs-beside-{queue_arn.rpartition('-')[2]}",
                definition=json.dumps(definition),
                roleArn="arn:aws:iam::123456789012:role/test",
            )["stateMachineArn"]
            execution = self.aws.started(machine, {})
            ended = self.aws.ended(execution)
        events = states.get_execution_history(executionArn=execution, maxResults=1000)["events"]
        exited = [event["stateExitedEventDetails"] for event in events if "stateExitedEventDetails" in event]
        given = [json.loads(one.get("output") or "{}") for one in exited]
        found = [one for one in given if isinstance(one, dict) and {"variant", "outcome"} <= one.keys()]
        return Ended(
            status=ended["status"],
            output=json.loads(ended.get("output") or "{}"),
            error=ended.get("error", ""),
            cause=ended.get("cause", ""),
            states=[one["name"] for one in exited],
            outcomes={one["variant"]: one for one in found},
            messages=self.aws.received(queue, messages) if messages else [],
            requests=service.requests,
        )

    def _stand_in(
        self, states: dict[str, Any], topic: str, answers: dict[str, dict[str, Any]], variant: str
    ) -> None:
        for name, state in states.items():
            arguments = state.get("Arguments", {})
            if "FunctionName" in arguments:
                step = self.handlers[arguments["FunctionName"]]
                said = answers if name.startswith(f"{variant}:") or not variant else {}
                arguments["FunctionName"] = self.function
                arguments["Payload"]["test"] = {"step": step, "answers": said}
            if "TopicArn" in arguments:
                arguments["TopicArn"] = topic
            if "TableName" in arguments:
                arguments["TableName"] = self.table
            if "ItemReader" in state:
                state["ItemReader"]["Arguments"]["Bucket"] = self.bucket
            inner = [
                *state.get("Branches", ()),
                *([state["ItemProcessor"]] if "ItemProcessor" in state else []),
            ]
            for scope in inner:
                self._stand_in(scope["States"], topic, answers, variant)
