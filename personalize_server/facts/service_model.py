"""The three services as botocore describes them: operations, shapes, declared errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.loaders
from botocore.model import OperationModel, ServiceModel

CONTROL = "personalize"
RUNTIME = "personalize-runtime"
EVENTS = "personalize-events"
SERVICES = (CONTROL, RUNTIME, EVENTS)


@dataclass(frozen=True)
class Operation:
    """One operation of one of the services."""

    service: str
    name: str
    model: OperationModel

    @property
    def declared_errors(self) -> frozenset[str]:
        return frozenset(shape.name for shape in self.model.error_shapes)


@cache
def service_model(service: str) -> Any:
    loader = botocore.loaders.Loader()
    return ServiceModel(loader.load_service_model(service, "service-2"), service)


@cache
def operations() -> Mapping[str, Operation]:
    """Every operation of the three services by name; no name occurs twice."""
    found: dict[str, Operation] = {}
    for service in SERVICES:
        model = service_model(service)
        for name in model.operation_names:
            found[name] = Operation(service, name, model.operation_model(name))
    return found


@cache
def targets() -> Mapping[str, Operation]:
    """Control-plane operations by the X-Amz-Target header that asks for them."""
    prefix = service_model(CONTROL).metadata["targetPrefix"]
    return {f"{prefix}.{name}": op for name, op in operations().items() if op.service == CONTROL}


@cache
def routes() -> Mapping[tuple[str, str], Operation]:
    """Runtime and events operations by HTTP method and path."""
    found = {}
    for operation in operations().values():
        if operation.service != CONTROL:
            http = operation.model.http
            found[http["method"], http["requestUri"]] = operation
    return found
