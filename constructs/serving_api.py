"""The functions that answer with recommendations, and their routes."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from constructs import Construct
from constructs.http_api import HttpApi
from constructs.python_function import PythonFunction, PythonFunctionProps

_LARGEST_SETTINGS = 3000
"""Lambda takes 4 KB of environment altogether."""


@dataclass(frozen=True, kw_only=True)
class RealtimeProps:
    """budget_ms: for the campaign's whole answer."""

    campaign_arn: str
    filter_arn: str | None = None
    budget_ms: int


@dataclass(frozen=True, kw_only=True)
class EndpointProps:
    """kind: list, feed, directory or similar. longest: items stored per user at most.
    people: the items are users. ranks: the recipe is for rankings of given items.
    """

    use_case: str
    path: str
    kind: str
    variant: str
    longest: int
    people: bool = False
    ranks: bool = False
    realtime: RealtimeProps | None = None


@dataclass(frozen=True, kw_only=True)
class ServingApiProps:
    """environment: of every function."""

    stage: str
    api: HttpApi
    endpoints: tuple[EndpointProps, ...]
    environment: Mapping[str, str]
    retain_logs: bool = False


class ServingApi(Construct):
    def __init__(self, scope: Construct, construct_id: str, props: ServingApiProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        self._settings = _settings(props)
        self.description = self._function(
            "Description", "openapi", "The API's description in OpenAPI", memory_mb=512
        )
        props.api.add_route("GET", "/v1/openapi.json", self.description, authorized=False)

    @property
    def all(self) -> dict[str, PythonFunction]:
        """By the entry's name."""
        return {"openapi": self.description}

    def _function(self, construct_id: str, entry: str, description: str, *, memory_mb: int) -> PythonFunction:
        return PythonFunction(
            self,
            construct_id,
            PythonFunctionProps(
                handler=f"api.{entry}.lambda_handler",
                description=description,
                environment={
                    **self._props.environment,
                    **self._props.api.environment,
                    "API": self._settings,
                },
                memory_mb=memory_mb,
                timeout_seconds=10,
                traced=True,
                retain_logs=self._props.retain_logs,
            ),
        )


def _settings(props: ServingApiProps) -> str:
    """What the functions know of the use cases. ARNs of the region are tokens, and count as such here."""
    endpoints = [
        {name: value for name, value in asdict(endpoint).items() if value not in (None, False)}
        for endpoint in props.endpoints
    ]
    text = json.dumps(
        {"stage": props.stage, "authorization": props.api.authorization, "endpoints": endpoints},
        separators=(",", ":"),
    )
    if len(text) > _LARGEST_SETTINGS:
        raise ValueError(
            f"the settings of {len(endpoints)} endpoints have {len(text)} characters, "
            f"and a function's environment has room for {_LARGEST_SETTINGS}: serve fewer use cases"
        )
    return text
