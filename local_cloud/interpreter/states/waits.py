"""Time passes faster: waits and the pauses between retries are divided by `time_scale`; time-outs are not.

So the deployed definition, with its waits of minutes, is the one that runs. A time-out bounds real work.
"""

import time
from types import SimpleNamespace
from typing import Any

from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.seconds import SecondsJSONata
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction

from local_cloud.ground.patching import replace
from local_cloud.ground.settings import Settings
from local_cloud.interpreter.states.expressions import query_failure

_LONGEST_SECONDS = 99_999_999
_LOOK_SECONDS = 0.5


def _seconds(self: Any, env: Any) -> int:
    self.string_jsonata.eval(env=env)
    seconds = env.stack.pop()
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 <= seconds <= _LONGEST_SECONDS:
        expression = self.string_jsonata.expression
        raise query_failure(
            env,
            f"The JSONata expression '{expression}' specified for the field 'Seconds' returned {seconds!r}; "
            f"expected an integer from 0 to {_LONGEST_SECONDS}",
        )
    return seconds


def install(settings: Settings) -> None:
    def wait(self: Any, env: Any, wait_seconds: float) -> None:
        deadline = time.monotonic() + wait_seconds / settings.time_scale
        while env.is_running() and (left := deadline - time.monotonic()) > 0:
            # Cleared as soon as it is set: who comes in between does not hear of it.
            env.program_state_event.wait(min(left, _LOOK_SECONDS))

    replace(WaitFunction, "_wait_interval", wait)
    replace(SecondsJSONata, "_get_wait_seconds", _seconds)
    scaled_time = SimpleNamespace(sleep=lambda seconds: time.sleep(seconds / settings.time_scale))
    replace(retrier_decl, "time", scaled_time)
