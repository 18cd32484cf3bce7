"""The policies of this moment, for those who judge a recording again: an own path of the server."""

import json
from collections.abc import Iterator
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from local_cloud.ground.settings import Settings
from local_cloud.judge import deployed
from local_cloud.judge.callers import is_of_cdk
from rights.conditions import Condition
from rights.evaluation import Statements
from rights.statements import Statement


class Snapshot:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def answer(self, _method: str, _rest: str, _body: bytes) -> tuple[int, bytes]:
        account = self._settings.account
        roles = [role for role in deployed.roles(account) if not is_of_cdk(role.name)]
        document = {
            "rights": self._settings.rights.value,
            "roles": {role.arn: _shown(deployed.identity_statements(role)) for role in roles},
            "resources": {
                arn: _shown(deployed.resource_statements(arn, account)[0] or ())
                for arn in (*self._with_policies(), *(role.arn for role in roles))
            },
        }
        return 200, json.dumps(document).encode()

    def _with_policies(self) -> Iterator[str]:
        account, region = self._settings.account, self._settings.region
        for name in list(s3_backends[account]["aws"].buckets):
            if not is_of_cdk(name):
                yield f"arn:aws:s3:::{name}"
        yield from (queue.queue_arn for queue in list(sqs_backends[account][region].queues.values()))
        yield from list(sns_backends[account][region].topics)
        yield from (key.arn for key in list(kms_backends[account][region].keys.values()))
        yield from (each.function_arn for each in lambda_backends[account][region].list_functions())


def _shown(statements: Statements) -> list[dict[str, Any]]:
    return [_statement(each) for each in statements]


def _statement(statement: Statement) -> dict[str, Any]:
    """As a policy's document would have it; with its id."""
    found: dict[str, Any] = {"Id": statement.id, "Effect": statement.effect.value}
    for member, patterns in (("Action", statement.actions), ("Resource", statement.resources)):
        found[f"Not{member}" if patterns.but else member] = list(patterns.texts)
    if statement.principals is not None:
        named = {"AWS": list(statement.principals.aws), "Service": list(statement.principals.services)}
        kept = {kind: texts for kind, texts in named.items() if texts}
        found["Principal"] = "*" if statement.principals.everyone else kept
    if statement.conditions:
        found["Condition"] = _conditions(statement.conditions)
    return found


def _conditions(conditions: tuple[Condition, ...]) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for each in conditions:
        found.setdefault(each.operator, {})[each.key] = list(each.values)
    return found
