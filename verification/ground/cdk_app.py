"""The CDK app of a run: `python -m verification.ground.cdk_app v3k9x2a`, which the CDK CLI is given."""

import sys

from app import build_app
from config.types.errors import ConfigError
from verification.ground.plan import Refused, load


def synthesise(run: str) -> None:
    """What is wrong is said without a traceback."""
    try:
        plan = load(run)
        build_app((plan.stage,), (plan.use_case,), ()).synth()
    except (ConfigError, Refused) as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    synthesise(sys.argv[1])
