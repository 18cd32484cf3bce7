"""What runs, what is deployed, and which recommendations are served."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from config.derived.names import serving_table_name
from config.stages import LOCAL
from config.use_cases import USE_CASES
from local_cloud import regional
from local_cloud.ground.clients import client
from local_cloud.ground.settings import Settings
from local_cloud.lifecycle.cloud import MOTO, Cloud
from local_cloud.lifecycle.regions import RegionsOf
from local_cloud.lifecycle.serving_api import address


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
        yield f"{'API gateway':<14} localhost:{cloud.settings.gateway_port:<7} in the {MOTO} process"
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
        key = {"pk": {"S": f"pointer#{use_case.name}"}, "sk": {"S": use_case.default_variant}}
        yield f"{use_case.name:<20} {_published(dynamodb.get_item(TableName=table, Key=key).get('Item'))}"


def _published(pointer: dict[str, Any] | None) -> str:
    if pointer is None:
        return "no generation published yet"
    users = pointer["users"]["N"]
    return f"generation {pointer['generation']['S']}, {int(users):,} users"
