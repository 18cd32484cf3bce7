"""The functions behind routes: whether the gateway may call them, and how many run at once."""

import asyncio
import json
import os
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from local_cloud.functions import invoker
from local_cloud.functions.results import InvokeResult
from local_cloud.gateway.apis import HttpApi, Route, Stage
from local_cloud.judge.instance import installed
from rights import principals
from rights.errors import BadPolicy, Undecidable
from rights.evaluation import Call, Policies, evaluate
from rights.statements import statements_of

PRINCIPAL = "apigateway.amazonaws.com"
# Lambda starts one more environment for each request at once; a machine's cores are all it has.
AT_ONCE = max(2, os.cpu_count() or 1)
_THREADS = 64


class NotPermitted(Exception):
    """The function's policy does not let the gateway call it."""


class TookTooLong(Exception):
    """The integration's time is over; the function goes on."""


class Functions:
    """Of one event loop: requests beyond what runs at once wait for their turn."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="gateway")
        self._at_once = at_once
        self._turns: dict[str, asyncio.Semaphore] = {}

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def call(self, api: HttpApi, stage: Stage, route: Route, event: Mapping[str, Any]) -> InvokeResult:
        """Raises: NotPermitted, FunctionNotFound, TookTooLong, and what invoking raises."""
        assert route.integration is not None
        arn, seconds = route.integration.function_arn, route.integration.seconds
        function = invoker.find(arn)
        check_permission(function, api, stage, route)
        payload = json.dumps(event).encode()
        turns = self._turns.setdefault(arn, asyncio.Semaphore(self._at_once))
        loop = asyncio.get_running_loop()
        begin = loop.time()
        try:
            async with asyncio.timeout(seconds):
                await turns.acquire()
        except TimeoutError:
            raise TookTooLong from None
        working = self._threads.submit(invoker.installed().executor.invoke, function, payload)
        working.add_done_callback(lambda _: loop.call_soon_threadsafe(turns.release))
        return await _within(working, seconds - (loop.time() - begin))


async def _within(working: Future[InvokeResult], seconds: float) -> InvokeResult:
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.shield(asyncio.wrap_future(working))
    except TimeoutError:
        raise TookTooLong from None


def check_permission(function: Any, api: HttpApi, stage: Stage, route: Route) -> None:
    """As Lambda asks the function's own policy. Raises: NotPermitted."""
    path = "$default" if route.key.is_default else route.key.text.replace(" ", "", 1)
    source = f"arn:aws:execute-api:{api.region}:{api.account}:{api.id}/{stage.name}/{path}"
    call = Call(
        principal=principals.service(PRINCIPAL, api.account),
        action="lambda:InvokeFunction",
        resource=function.function_arn,
        context={"aws:SourceArn": source, "aws:SourceAccount": api.account},
    )
    document = {"Version": "2012-10-17", "Statement": function.policy.statements}
    try:
        decision = evaluate(call, Policies(resource=statements_of(document, function.function_arn)))
    except (BadPolicy, Undecidable) as problem:
        raise NotPermitted(str(problem)) from None
    installed().note(call, decision)
    if not decision.allowed:
        raise NotPermitted(f"no statement of {function.function_name} lets {PRINCIPAL} call it for {source}")
