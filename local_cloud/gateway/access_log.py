"""The access log of a stage: one line for every request, in the stage's format."""

import re
import time
from collections.abc import Mapping
from uuid import uuid4

from moto.logs.models import logs_backends

from local_cloud.gateway.apis import HttpApi, Stage

_VARIABLE = re.compile(r"\$context\.([\w.]+)")


class AccessLog:
    """Writes to the log groups of stages, each process of the gateway to a stream of its own."""

    def __init__(self) -> None:
        self._stream = uuid4().hex

    def write(self, api: HttpApi, stage: Stage, variables: Mapping[str, object]) -> None:
        """`variables`: what $context.<name> stands for; what is not known is a dash."""
        if stage.access_log_group is None:
            return
        backend = logs_backends[api.account][api.region]
        group = backend.groups.get(stage.access_log_group)
        if group is None:
            return
        if self._stream not in group.streams:
            backend.create_log_stream(stage.access_log_group, self._stream)
        line = _VARIABLE.sub(lambda match: str(variables.get(match[1], "-")), stage.access_log_format)
        event = {"timestamp": int(time.time() * 1000), "message": line}
        backend.put_log_events(stage.access_log_group, self._stream, [event])
