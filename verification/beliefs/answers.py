"""Beliefs about what services answer to a call that changes nothing."""

import json
import time
from typing import Any
from urllib.parse import quote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session

from personalize_server.facts.quotas import Quotas
from verification.beliefs.belief import Belief, Finding, Unknown, held, refusal
from verification.beliefs.world import World
from verification.ground import sample
from verification.ground.retraining import output_of

_QUOTAS = {
    "dataset_groups": ("L-14011066", "dataset groups"),
    "solutions": ("L-D9DD83B7", "active solutions per dataset group"),
}
"""Those whose code is known; the others are shown as they are listed."""
_CONCURRENCY = "L-B99A9384"
_STEPS_AT_ONCE = 40
"""functions that a run has at work at a time, with room for the API's"""


def _bad_token(world: World) -> Finding:
    said = {
        name: refusal(getattr(world.personalize, name), nextToken="no-token")
        for name in ("list_dataset_groups", "list_schemas", "list_solutions", "list_campaigns")
    }
    codes = {answer["code"] if answer else None for answer in said.values()}
    return held(codes == {"InvalidNextTokenException"}, said)


def _campaigns_by_version(world: World) -> Finding:
    arn = world.version["solutionVersionArn"]
    said = refusal(world.personalize.list_campaigns, solutionArn=arn)
    return held(said is None, said or "taken")


def _group_in_use(world: World) -> Finding:
    """Asks for what must be refused: the group holds the datasets of the run."""
    said = refusal(world.personalize.delete_dataset_group, datasetGroupArn=world.dataset_group)
    if said is None:
        return held(False, "the service took the deletion of a dataset group that has datasets")
    return held(said["code"] == "ResourceInUseException", said)


def _quotas(world: World) -> Finding:
    client = world.cloud.client("service-quotas")
    pages = client.get_paginator("list_service_quotas").paginate(ServiceCode="personalize")
    found = {one["QuotaCode"]: one for page in pages for one in page["Quotas"]}
    if not found:
        raise Unknown("Service Quotas lists none of Personalize")
    ours = Quotas()
    told: dict[str, Any] = {
        "quotas": {f"{code} {one['QuotaName']}": one["Value"] for code, one in sorted(found.items())}
    }
    told["expected"] = {what: getattr(ours, name) for name, (_, what) in _QUOTAS.items()}
    known = {name: found[code]["Value"] for name, (code, _) in _QUOTAS.items() if code in found}
    if not known:
        raise Unknown(f"none of the expected codes is listed: {told}")
    return held(all(value >= getattr(ours, name) for name, value in known.items()), told)


def _concurrency(world: World) -> Finding:
    settings = world.cloud.client("lambda").get_account_settings()["AccountLimit"]
    told = {"ConcurrentExecutions": settings["ConcurrentExecutions"], "needed": _STEPS_AT_ONCE}
    return held(settings["ConcurrentExecutions"] >= _STEPS_AT_ONCE, told)


def _slash(world: World) -> Finding:
    url = output_of(world.cloud, world.plan, "Serving", "ApiUrl").rstrip("/")
    address = f"{url}/v1/users/{quote(sample.AWKWARD_USER, safe='')}/sample"
    status, body = 0, ""
    for _ in range(4):
        request = AWSRequest("GET", address)
        SigV4Auth(world.cloud.credentials, "execute-api", world.plan.region).add_auth(request)
        answer = URLLib3Session().send(request.prepare())
        status, body = answer.status_code, answer.text
        if status == 200:
            break
        time.sleep(min(world.pause, 5))
    told: dict[str, Any] = {"status": status}
    if status != 200:
        return held(False, {**told, "body": body[:300]})
    # Whose list it is shows in where it comes from: those without one are answered with the popular list.
    members = json.loads(body)
    told["members"] = sorted(members)
    told["source"] = members.get("source")
    return held(members.get("source") != "popular", told)


BELIEFS = (
    Belief(
        "bad-token",
        "Listings of Personalize refuse a token that they did not give with InvalidNextTokenException.",
        "personalize_server/operations/reading.py",
        _bad_token,
    ),
    Belief(
        "campaigns-by-version",
        "ListCampaigns takes the ARN of a solution version.",
        "personalize_server/operations",
        _campaigns_by_version,
    ),
    Belief(
        "group-in-use",
        "DeleteDatasetGroup is refused with ResourceInUseException while the group has datasets.",
        "personalize_server/operations",
        _group_in_use,
    ),
    Belief(
        "quotas",
        "The quotas of Personalize in this account are at least those that are counted with.",
        "personalize_server/facts/quotas.py, config/rules/estate.py",
        _quotas,
    ),
    Belief(
        "function-concurrency",
        "The account lets as many functions run at once as a run needs (new accounts may have 10).",
        "constructs/training/publishing.py",
        _concurrency,
    ),
    Belief(
        "slash-in-user-id",
        "The serving API answers for a user whose id has a slash, which the path carries as %2F.",
        "constructs/serving/api.py",
        _slash,
    ),
)
