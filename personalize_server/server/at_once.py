"""Recommendations that are answered the moment their requests are whole, without a task of their own."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from personalize_server.facts.options import Options
from personalize_server.facts.service_model import operations
from personalize_server.server.identity import caller_of
from personalize_server.server.metrics import RequestMetrics
from personalize_server.server.rate_limit import RateLimit
from personalize_server.server.signatures import SignedRequest, Verifier
from personalize_server.state.context import Caller
from personalize_server.wire.acceptance import accepted
from personalize_server.wire.protocols import Response, failed, parsed, success

if TYPE_CHECKING:  # brings numpy along
    from personalize_server.server.runtime import Runtime


class RecommendingAtOnce:
    """Says what the application would; None: that takes longer, so the application has to be asked."""

    def __init__(
        self,
        options: Options,
        verifier: Verifier | None,
        limit: RateLimit | None,
        metrics: RequestMetrics,
        runtime: "Callable[[], Runtime | None]",
    ) -> None:
        """`runtime`: None until something has been deployed."""
        self._operation = operations()["GetRecommendations"]
        self._method, self._target = (self._operation.model.http[part] for part in ("method", "requestUri"))
        self._options = options
        self._verifier = verifier
        self._limit = limit
        self._metrics = metrics
        self._runtime = runtime

    @property
    def route(self) -> tuple[bytes, bytes]:
        """Method and target of the requests that are meant."""
        return self._method.encode(), self._target.encode()

    def __call__(self, headers: Mapping[bytes, bytes], body: bytes) -> Response | None:
        """`headers` by lower-case name; one that is there twice is not for here."""
        runtime, started = self._runtime(), time.perf_counter()
        if runtime is None:
            return None
        code = "OK"
        try:
            caller = self._caller(headers, body)
            request = accepted(self._operation.model.input_shape, parsed(body))
            charge = partial(self._charge, caller, request) if self._limit else _free
            answer = runtime.recommend_at_once(caller, request, charge)
            if answer is None:
                return None
            response = success(self._operation, answer)
            arn = request.get("campaignArn") or request["recommenderArn"]
            self._metrics.answered_from(arn, self._operation.name)
        except Exception as problem:
            response, code = failed(self._operation, problem)
        self._metrics.answered(self._operation.name, code, time.perf_counter() - started)
        return response

    def _caller(self, headers: Mapping[bytes, bytes], body: bytes) -> Caller:
        if self._verifier is None and b"authorization" not in headers:
            return caller_of({}, self._options)
        named = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()}
        if self._verifier is None:
            return caller_of(named, self._options)
        return self._verifier.caller(SignedRequest(self._method, self._target, named, body))

    def _charge(self, caller: Caller, request: Mapping[str, object]) -> None:
        if self._limit is not None:
            self._limit.check_data(self._operation.name, caller, request)


def _free() -> None:
    """Nothing is counted."""
