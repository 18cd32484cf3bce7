"""Whether a region's serving API answers after a deployment, asked from outside of it.

Health, the description of the routes, and that a list is refused to whoever does not sign; with credentials
that may call the API, also a list.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from config.schema import EndpointKind, StageConfig, UseCase
from delivery.asking import Answer, Api

NOBODY = "canary"
"""A user without a list: what is popular answers."""
HEALTHY, ANSWERS = "healthy", "answers"
"""What is expected: that the region can serve; that it can, or says that nothing has been published yet."""
_REFUSED, _NOTHING = (401, 403), "nothing_published"
_HEALTH, _ROUTES = "/v1/health", "/v1/openapi.json"
_NAMES, _URL = "ApiName", "ApiUrl"


@dataclass(frozen=True)
class Smoke:
    """use_cases: of the region. Lists are asked for if the API has credentials. pauses: seconds between
    tries, since what is new may be cold, or not there yet.
    """

    api: Api
    use_cases: Sequence[UseCase]
    expected: str = HEALTHY
    pauses: Sequence[float] = (2, 4, 8, 16)
    sleep: Callable[[float], None] = field(default=time.sleep)

    def failures(self) -> list[str]:
        """What is not as it should be, at the last try."""
        found = list(self._failures())
        for pause in self.pauses:
            if not found:
                break
            self.sleep(pause)
            found = list(self._failures())
        return found

    def _failures(self) -> Iterator[str]:
        yield from self._health(self.api.get(_HEALTH))
        yield from self._routes(self.api.get(_ROUTES))
        for path in self._lists()[:1]:
            answer = self.api.get(path)
            if answer.status not in _REFUSED:
                yield f"GET {path} without credentials: {answer.text}; it should be refused"
        for path in self._lists() if self.api.credentials else ():
            answer = self.api.get(path, sign=True)
            if answer.status != 200 or not isinstance(answer.body, dict) or "items" not in answer.body:
                yield f"GET {path}: {answer.text}; it should be a list"

    def _health(self, answer: Answer) -> Iterator[str]:
        body = answer.body if isinstance(answer.body, dict) else {}
        if self.expected == ANSWERS and answer.status == 503 and body.get("code") == _NOTHING:
            return
        if answer.status != 200:
            yield f"GET {_HEALTH}: {answer.text}; it should be 200"
        elif body.get("region") != self.api.region:
            yield f"GET {_HEALTH}: answered by {body.get('region')}; it should be {self.api.region}"

    def _routes(self, answer: Answer) -> Iterator[str]:
        paths = answer.body.get("paths") if isinstance(answer.body, dict) else None
        if answer.status != 200 or not isinstance(paths, dict):
            yield f"GET {_ROUTES}: {answer.text}; it should be the description of the routes"
            return
        told = {part for path in paths for part in path.split("/")}
        for case in self.use_cases:
            if case.endpoint and case.endpoint.path not in told:
                yield f"GET {_ROUTES}: no route has {case.endpoint.path}, the path of {case.name}"

    def _lists(self) -> list[str]:
        return [
            f"/v1/users/{NOBODY}/{case.endpoint.path}?limit=1"
            for case in self.use_cases
            if case.endpoint and case.endpoint.kind is not EndpointKind.SIMILAR
        ]


def expected_of(api: Api) -> str:
    """What can be expected after a deployment, from what the region says before it."""
    return HEALTHY if api.get(_HEALTH).status == 200 else ANSWERS


def address(cloudformation: Any, stage: StageConfig, region: str) -> str | None:
    """Of the region's API, by its own name where it has one; None: it is not deployed.

    cloudformation: a client of the region.
    """
    wanted = f"{stage.id_in(region)}-Serving"
    for page in cloudformation.get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            if stack["StackName"] == wanted:
                outputs = {one["OutputKey"]: str(one["OutputValue"]) for one in stack.get("Outputs", ())}
                return outputs.get(_NAMES) or outputs.get(_URL)
    return None
