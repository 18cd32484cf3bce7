"""What a template may say or leave out: defaults of properties, where it is deployed, and AWS::NoValue."""

import re
from collections.abc import Mapping
from typing import Any

from review.reading.templates import Template

DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "AWS::ApiGatewayV2::Api": {"DisableExecuteApiEndpoint": False},
    "AWS::ApiGatewayV2::Integration": {"ConnectionType": "INTERNET"},
    "AWS::CloudWatch::Alarm": {"ActionsEnabled": True, "TreatMissingData": "missing"},
    "AWS::Events::Rule": {"EventBusName": "default", "State": "ENABLED"},
    "AWS::IAM::Role": {"MaxSessionDuration": 3600, "Path": "/"},
    "AWS::KMS::Key": {
        **{"BypassPolicyLockoutSafetyCheck": False, "EnableKeyRotation": False, "Enabled": True},
        **{"KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT", "MultiRegion": False},
        **{"Origin": "AWS_KMS", "PendingWindowInDays": 30},
    },
    "AWS::Lambda::EventSourceMapping": {"Enabled": True},
    "AWS::Lambda::Function": {
        **{"Architectures": ["x86_64"], "EphemeralStorage": {"Size": 512}, "MemorySize": 128},
        **{"PackageType": "Zip", "Timeout": 3, "TracingConfig": {"Mode": "PassThrough"}},
    },
    "AWS::Logs::LogGroup": {"LogGroupClass": "STANDARD"},
    "AWS::SNS::Subscription": {"RawMessageDelivery": False},
    "AWS::SQS::Queue": {
        **{"DelaySeconds": 0, "MessageRetentionPeriod": 345_600, "ReceiveMessageWaitTimeSeconds": 0},
        "VisibilityTimeout": 30,
    },
    "AWS::SSM::Parameter": {"DataType": "text", "Tier": "Standard"},
    "AWS::Scheduler::Schedule": {
        "GroupName": "default",
        "ScheduleExpressionTimezone": "UTC",
        "State": "ENABLED",
    },
    "AWS::StepFunctions::StateMachine": {"StateMachineType": "STANDARD"},
}
"""by type and property: what CloudFormation, or the service, takes where a template says nothing"""

_NO_VALUE = {"Ref": "AWS::NoValue"}
_IN_TEXT = re.compile(r"\$\{(AWS::\w+)\}")


def shortened(template: Template, account: str = "", region: str = "") -> Template:
    """Without what is so by default, and with names of the account and the region for what refers to them."""
    known = {"AWS::AccountId": account, "AWS::Region": region, "AWS::Partition": partition_of(region)}
    found: Template = _placed(template, {name: value for name, value in known.items() if value})
    for resource in found.get("Resources", {}).values():
        usual, properties = DEFAULTS.get(resource.get("Type"), {}), resource.get("Properties")
        if usual and isinstance(properties, dict):
            resource["Properties"] = {
                key: value
                for key, value in properties.items()
                if key not in usual or _text(value) != _text(usual[key])
            }
    return found


def _placed(value: Any, known: Mapping[str, str]) -> Any:
    match value:
        case {"Ref": str(name)} if name in known:
            return known[name]
        case {"Fn::Sub": str(text)}:
            return {"Fn::Sub": _filled(text, known)}
        case {"Fn::Sub": [str(text), dict(named)]}:
            return {"Fn::Sub": [_filled(text, known), _placed(named, known)]}
        case dict():
            return {key: _placed(member, known) for key, member in value.items() if member != _NO_VALUE}
        case list():
            return [_placed(member, known) for member in value if member != _NO_VALUE]
        case _:
            return value


def _filled(text: str, known: Mapping[str, str]) -> str:
    return _IN_TEXT.sub(lambda match: known.get(match[1], match[0]), text)


def partition_of(region: str) -> str:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html; empty, if the region is none."""
    if not re.fullmatch(r"[a-z]+(-[a-z]+)+-\d+", region):
        return ""
    return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(region.rpartition("-")[0].rpartition("-")[0], "aws")


def _text(value: Any) -> str:
    return str(value).lower()
