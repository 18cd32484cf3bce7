"""What runs, what is deployed, and which recommendations are served."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from config.derived.names import serving_table_name
from config.stages import LOCAL
from config.use_cases import USE_CASES
from local_cloud import regional
from local_cloud.ground.clients import client
from local_cloud.ground.settings import Settings
from local_cloud.lifecycle.cloud import Cloud
from local_cloud.lifecycle.regions import RegionsOf
from local_cloud.lifecycle.servers import MOTO
from local_cloud.lifecycle.serving_api import address
from local_cloud.machine.state import Record
from local_cloud.people import addresses
from local_cloud.people.pages import published as served_folders
from pipeline.generations import Generations


@dataclass(frozen=True)
class Running:
    """A server: whether its process is there, and since when it is, UTC."""

    name: str
    port: int
    process: int
    since: datetime
    alive: bool


@dataclass(frozen=True)
class Served:
    """What readers see of a variant, as the table of one region has it: of the highest epoch that was copied
    there. generation: None, if nothing is published. region, epoch: that published it, where a stage has
    been switched.
    """

    use_case: str
    variant: str
    generation: str | None = None
    users: int = 0
    region: str | None = None
    epoch: int = 0

    @property
    def words(self) -> str:
        if self.generation is None:
            return "no generation published yet"
        whose = f", of {self.region} in epoch {self.epoch}" if self.epoch else ""
        return f"generation {self.generation}, {self.users:,} users{whose}"


@dataclass(frozen=True)
class Region:
    """stacks: their states by name. api: its address. served: None, if no table is deployed."""

    name: str
    stacks: Mapping[str, str]
    api: str | None
    served: tuple[Served, ...] | None


@dataclass(frozen=True)
class Status:
    """complete: all servers run; else nothing but the servers is known. page: the address of a served
    folder. down: regions that are lost. links: how copies travel between regions. regions: the others.
    """

    complete: bool
    servers: tuple[Running, ...]
    database: str | None = None
    gateway_port: int | None = None
    page: str | None = None
    roles: Mapping[str, str] = field(default_factory=dict)
    down: tuple[str, ...] = ()
    links: tuple[Mapping[str, Any], ...] = ()
    regions: tuple[Region, ...] = ()

    @property
    def as_json(self) -> dict[str, Any]:
        """since: ISO 8601, UTC."""
        document = asdict(self)
        for server in document["servers"]:
            server["since"] = server["since"].isoformat(timespec="seconds")
        return {"up": True, **document}


def status_of(cloud: Cloud, record: Record) -> Status:
    """record: of the cloud's folder."""
    servers = tuple(
        Running(
            server.name,
            server.port,
            server.handle.pid,
            datetime.fromtimestamp(server.handle.started, UTC),
            alive=server.handle.process() is not None,
        )
        for server in record.servers
    )
    if not record.complete:
        return Status(complete=False, servers=servers)
    told = RegionsOf(cloud.settings).told()
    return Status(
        complete=True,
        servers=servers,
        database=cloud.database().dsn,
        gateway_port=cloud.settings.gateway_port,
        page=addresses.page(cloud.settings) if served_folders(cloud.state.path) else None,
        roles={region: role.value for region, role in cloud.stage.roles.items()},
        down=tuple(told["down"]),
        links=tuple(told["links"]),
        regions=tuple(
            _region(cloud.settings_in(region)) for region in cloud.stage.regions if region not in told["down"]
        ),
    )


def _region(settings: Settings) -> Region:
    cloudformation = client(settings, "cloudformation")
    stacks = {
        stack["StackName"]: stack["StackStatus"]
        for page in cloudformation.get_paginator("describe_stacks").paginate()
        for stack in page["Stacks"]
    }
    dynamodb, table = client(settings, "dynamodb"), serving_table_name(LOCAL.name)
    found = None
    if table in dynamodb.list_tables()["TableNames"]:
        found = tuple(
            served(Generations(dynamodb, table, use_case.name, variant.name))
            for use_case in USE_CASES
            for variant in use_case.variants
        )
    return Region(settings.region, stacks, address(settings), found)


def served(generations: Generations) -> Served:
    pointer = generations.pointer()
    if pointer is None:
        return Served(generations.use_case, generations.variant)
    return Served(
        generations.use_case,
        generations.variant,
        pointer.generation,
        pointer.users,
        pointer.region,
        pointer.epoch or 0,
    )


def lines(status: Status) -> Iterator[str]:
    for server in status.servers:
        state = f"process {server.process} since {server.since.astimezone():%H:%M:%S}"
        yield f"{server.name:<14} localhost:{server.port:<7} {state if server.alive else 'GONE'}"
    if not status.complete:
        return
    yield f"{'database':<14} {status.database}"
    yield f"{'API gateway':<14} localhost:{status.gateway_port:<7} in the {MOTO} process"
    if status.page:
        yield f"{'page':<14} {status.page}"
    if len(status.roles) > 1:
        yield ""
        yield from regional.lines(status.roles, status.down, status.links)
    for region in status.regions:
        yield ""
        yield from (f"{name:<36} {state}" for name, state in region.stacks.items())
        yield ""
        yield f"serving API          {region.api or 'not deployed'}"
        yield ""
        if region.served is None:
            yield "nothing is deployed"
            continue
        variants = Counter(one.use_case for one in region.served)
        for one in region.served:
            name = f"{one.use_case}/{one.variant}" if variants[one.use_case] > 1 else one.use_case
            yield f"{name:<20} {one.words}"
