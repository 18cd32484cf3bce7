"""moto makes a client per call, to one endpoint; ours are kept and know the Personalize server."""

import sys
from typing import Any

from moto.stepfunctions.parser.asl.utils import boto_client

from local_cloud.ground.clients import client
from local_cloud.ground.settings import Settings
from local_cloud.judge.instance import installed


def install(settings: Settings) -> None:
    stock = boto_client.boto_client_for

    def client_for(region: str, service: str, state_credentials: Any = None) -> Any:
        keys = installed().machine_keys(state_credentials.role_arn) if state_credentials else None
        return client(settings, service, region, keys)

    # The parser's modules import the function by name.
    for name, module in list(sys.modules.items()):
        if name.startswith("moto.stepfunctions.") and getattr(module, "boto_client_for", None) is stock:
            module.boto_client_for = client_for  # type: ignore[attr-defined]
