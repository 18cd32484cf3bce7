"""The variants of a use case: who makes its lists."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

HyperParameter = str | int | float | bool


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """Real-time recommendations in these stages, billed by the hour; made by the first run that publishes.

    idle_days: an alarm tells when it has answered nobody for so long, 1 to 7 days; 0: none does.
    """

    stages: tuple[str, ...]
    min_provisioned_tps: int = 1
    idle_days: int = 3


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server that speaks Personalize's API answers in real time, in these stages: one of the team's own,
    on premise too, or Amazon Personalize itself in another place.

    url: https://, a host that functions without a VPC reach, and a port if need be; http:// of this machine
    only, in stages that have `loopback_http`. campaign, filter: their ARNs there; requests are signed for the
    campaign's region.
    secret: the name of a secret of Secrets Manager with JSON, accessKeyId and secretAccessKey, by which
    requests are signed; None: by the function's role, which is allowed to ask that campaign.
    """

    stages: tuple[str, ...]
    url: str
    campaign: str
    filter: str | None = None
    secret: str | None = None


@dataclass(frozen=True, kw_only=True)
class Personalize:
    """Amazon Personalize trains, and infers in batches; `hyper_parameters` are the recipe's.

    server: answers in real time in place of a campaign.
    """

    name: ClassVar[str] = "personalize"

    recipe: str = "aws-user-personalization-v2"
    hyper_parameters: Mapping[str, HyperParameter] = field(default_factory=dict, hash=False)
    campaign: Campaign | None = None
    server: Server | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "hyper_parameters", MappingProxyType(dict(self.hyper_parameters)))


@dataclass(frozen=True, kw_only=True)
class OwnRealtime:
    """The stored model answers with the user's newest events, in these stages, in a function of its own.

    memory_mb: of that function, 512 to 10,240; a whole processor comes with 1,769.
    """

    stages: tuple[str, ...]
    memory_mb: int = 1769


@dataclass(frozen=True, kw_only=True)
class Own:
    """The engine of this repository trains and recommends, in functions; nothing of Personalize is deployed.

    algorithm: of the engine, as `python -m engine train --algorithm` knows it.
    configuration: a JSON file that `python -m engine tune` or `train --chosen` has written, in place of the
    algorithm's defaults; weights that it has are not learned again.
    relearn_days: for so long a hybrid keeps the weights that it has learned, 1 to 35; None: each run learns.
    memory_mb: of the functions that train and recommend, 128 to 10,240; a processor comes with each 1,769.
    lists_for_items: the lists belong to items, and have items like them; otherwise to users.
    seed: of the split by which a model is judged, and of the blend's validation.
    realtime: for an endpoint that has `realtime`, whose budget it keeps; None: the stored lists answer.
    server: answers in place of that.
    """

    name: ClassVar[str] = "own"

    algorithm: str = "hybrid"
    configuration: Path | None = None
    memory_mb: int = 3538
    lists_for_items: bool = False
    seed: int = 0
    relearn_days: int | None = 7
    realtime: OwnRealtime | None = None
    server: Server | None = None

    @property
    def keeps_weights(self) -> bool:
        return self.algorithm == "hybrid" and self.relearn_days is not None


@dataclass(frozen=True, kw_only=True)
class Heuristic:
    """What people of the same attributes touch, or else what everybody does: a baseline, of the engine too.

    columns: of the users dataset, numbers (by tenths) and categories; none: one list for all, of what is
    popular. memory_mb, seed: as of `Own`.
    """

    name: ClassVar[str] = "heuristic"

    columns: tuple[str, ...] = ()
    memory_mb: int = 1769
    seed: int = 0


Variant = Personalize | Own | Heuristic
