"""Executions stand still while their region is down, and go on where they were.

Step Functions keeps executions; what it does while a region is lost, nobody outside sees. What a task asked
for at that moment fails as anything that is asked of the region, and is repeated if the definition says so.
"""

from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField

from local_cloud.ground.patching import replace
from local_cloud.regions.instance import reach


def install() -> None:
    """After whatever else is told of states that are entered."""

    def eval_body(self: Any, env: Any) -> None:
        _stand(env)
        stock_body(self, env)

    def attempt(self: Any, env: Any) -> None:
        _stand(env)
        try:
            stock_attempt(self, env)
        except Exception:
            _stand(env)
            raise

    stock_body = replace(CommonStateField, "_eval_body", eval_body)
    stock_attempt = replace(ExecutionState, "_evaluate_with_timeout", attempt)


def _stand(env: Any) -> None:
    """Also of what is stopped meanwhile: it stops when its region is back."""
    reach().wait(env.aws_execution_details.region)
