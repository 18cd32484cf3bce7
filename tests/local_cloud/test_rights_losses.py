"""Which call notices that a statement is lost: the recording, judged again without it."""

from pathlib import Path
from typing import Any

from local_cloud.judge import reasons, show
from local_cloud.judge.losses import Deployed, Loss, losses
from local_cloud.judge.recording import Judged, Recording, recorded
from rights.evaluation import Call, Policies, evaluate
from rights.principals import Principal, service

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION = Principal(arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/app/one", account=ACCOUNT, role=ROLE)
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:queue"
EVENTS = service("events.amazonaws.com", ACCOUNT)


def statement(name: str, action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Id": f"app/Own#{name}", "Effect": "Allow", "Action": [action], "Resource": [resource], **more}


DEPLOYED = Deployed.from_json(
    {
        "roles": {
            ROLE: [
                statement("Needed", "s3:GetObject", "arn:aws:s3:::b/*"),
                statement("Wide", "dynamodb:*"),
                statement("Narrow", "dynamodb:GetItem"),
                statement("Traces", "xray:PutTraceSegments"),
                statement("Forgotten", "sns:Publish"),
            ]
        },
        "resources": {
            QUEUE: [
                {
                    **statement("Rule", "sqs:SendMessage", QUEUE, Principal={"Service": [EVENTS.arn]}),
                    "Id": f"{QUEUE}#Rule",
                    "Condition": {"ArnEquals": {"aws:SourceArn": ["arn:aws:events:::rule/a"]}},
                },
                {
                    "Id": f"{QUEUE}#Secure",
                    "Effect": "Deny",
                    "Action": ["sqs:*"],
                    "Resource": [QUEUE],
                    "Principal": "*",
                    "Condition": {"Bool": {"aws:SecureTransport": ["false"]}},
                },
            ]
        },
    }
)
CONTEXT = {"aws:SecureTransport": "true", "aws:SourceArn": "arn:aws:events:::rule/a"}


def test_the_recording_tells_which_loss_is_noticed_by_what(tmp_path: Path) -> None:
    found = judged(
        tmp_path,
        Call(principal=SESSION, action="s3:GetObject", resource="arn:aws:s3:::b/1", context=CONTEXT),
        Call(principal=SESSION, action="s3:GetObject", resource="arn:aws:s3:::b/2", context=CONTEXT),
        Call(principal=SESSION, action="dynamodb:GetItem", resource="table", context=CONTEXT),
        Call(principal=EVENTS, action="sqs:SendMessage", resource=QUEUE, context=CONTEXT),
    )

    told = {
        loss.statement.name: (
            loss.used,
            loss.noticed_by.call.resource if loss.noticed_by else None,
            loss.explained,
        )
        for loss in found
    }
    assert told == {
        "Needed": (True, "arn:aws:s3:::b/1", True),
        "Wide": (True, None, False),
        "Narrow": (True, None, False),
        "Traces": (False, None, True),
        "Forgotten": (False, None, False),
        "Rule": (True, QUEUE, True),
        "Secure": (False, None, True),
    }


def judged(folder: Path, *calls: Call) -> list[Loss]:
    recording = Recording(folder)
    for call in calls:
        policies = DEPLOYED.policies(Judged(call=call, allowed=True, statements=()))
        recording.add(call, evaluate(call, policies))
    return losses(DEPLOYED, recorded(folder))


def test_calls_of_one_kind_are_recorded_once_and_refusals_for_each_resource(tmp_path: Path) -> None:
    recording = Recording(tmp_path)
    for resource in ("arn:aws:s3:::b/1", "arn:aws:s3:::b/2", "arn:aws:s3:::c/1", "arn:aws:s3:::c/2"):
        call = Call(principal=SESSION, action="s3:GetObject", resource=resource, context=CONTEXT)
        recording.add(call, evaluate(call, Policies(identity=DEPLOYED.roles[ROLE])))

    assert [(each.call.resource, each.allowed) for each in recorded(tmp_path)] == [
        ("arn:aws:s3:::b/1", True),
        ("arn:aws:s3:::c/1", False),
        ("arn:aws:s3:::c/2", False),
    ]
    assert recording.calls == 4


def test_the_list_names_what_nothing_explains(tmp_path: Path) -> None:
    text = "\n".join(show.as_text(judged(tmp_path), [], everything=False))

    assert "not used: NO REASON IS KNOWN" in text
    assert "not used: no traces are sent here" in text
    assert text.endswith("2 are listed with a reason, 5 without")


def test_a_statement_that_another_one_repeats_is_explained_by_that() -> None:
    own = [statement(name, "lambda:InvokeFunction", QUEUE) for name in ("Get", "Post")]
    other = statement("Alone", "lambda:GetFunction", QUEUE)

    found = losses(Deployed.from_json({"roles": {ROLE: [*own, other]}, "resources": {}}), [])

    told = {loss.statement.name: loss.reason for loss in found}
    assert told == {"Get": reasons.TWINS, "Post": reasons.TWINS, "Alone": None}


def test_reasons_that_explain_nothing_are_stale(tmp_path: Path) -> None:
    known = reasons.stale([])
    told = [loss.reason for loss in judged(tmp_path) if loss.reason]

    assert set(known) - set(reasons.stale(told)) == {
        "no traces are sent here",
        "nothing here asks without TLS",
    }
    assert reasons.stale(known) == []
