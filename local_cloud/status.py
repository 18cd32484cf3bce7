"""What runs, what is deployed, and which recommendations are served."""

from collections.abc import Iterator
from datetime import datetime

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
from local_cloud.people import addresses
from local_cloud.people.pages import published as served_folders
from pipeline.generations import Generations


def lines(cloud: Cloud) -> Iterator[str]:
    """Of a cloud whose folder has a record."""
    record = cloud.state.read()
    if record is None:
        return
    for server in record.servers:
        process = server.handle.process()
        since = datetime.fromtimestamp(server.handle.started).strftime("%H:%M:%S")
        state = f"process {server.handle.pid} since {since}" if process else "GONE"
        yield f"{server.name:<14} localhost:{server.port:<7} {state}"
    if record.complete:
        yield f"{'database':<14} {cloud.database().dsn}"
        yield f"{'API gateway':<14} localhost:{cloud.settings.gateway_port:<7} in the {MOTO} process"
        if served_folders(cloud.state.path):
            yield f"{'page':<14} {addresses.page(cloud.settings)}"
        told = RegionsOf(cloud.settings).told()
        if cloud.standby:
            yield ""
            yield from regional.lines(cloud, told)
        for region in cloud.stage.regions:
            if region not in told["down"]:
                yield ""
                yield from _of_region(cloud.settings_in(region))


def _of_region(settings: Settings) -> Iterator[str]:
    yield from _stacks(settings)
    yield ""
    yield f"serving API          {address(settings) or 'not deployed'}"
    yield ""
    yield from _generations(settings)


def _stacks(settings: Settings) -> Iterator[str]:
    cloudformation = client(settings, "cloudformation")
    for page in cloudformation.get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            yield f"{stack['StackName']:<36} {stack['StackStatus']}"


def _generations(settings: Settings) -> Iterator[str]:
    dynamodb = client(settings, "dynamodb")
    table = serving_table_name(LOCAL.name)
    if table not in dynamodb.list_tables()["TableNames"]:
        yield "nothing is deployed"
        return
    for use_case in USE_CASES:
        for variant in (one.name for one in use_case.variants):
            several = len(use_case.variants) > 1
            name = f"{use_case.name}/{variant}" if several else use_case.name
            generations = Generations(dynamodb, table, use_case.name, variant)
            yield f"{name:<20} {published(generations)}"


def published(generations: Generations) -> str:
    """What readers see, as the table of one region has it: of the highest epoch that was copied there."""
    pointer = generations.pointer()
    if pointer is None:
        return "no generation published yet"
    whose = f", of {pointer.region} in epoch {pointer.epoch}" if pointer.epoch else ""
    return f"generation {pointer.generation}, {pointer.users:,} users{whose}"
