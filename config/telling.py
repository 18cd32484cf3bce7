"""What is wrong with the configuration, said by a command in words instead of a traceback."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from config.place import part
from config.types.delivery import Delivery
from config.types.errors import ConfigError, Problem
from config.types.mistakes import line_in, mistake
from config.types.stage_config import StageConfig

_FILES = ("stages.py", "delivery.py", "demo.py")
_NOT_THERE = re.compile(r"cannot import name '(\w+)'")


@contextmanager
def mistakes_told() -> Iterator[None]:
    """Around what imports the configuration: ends the process with what is wrong with it, and exit code 1."""
    try:
        yield
    except ConfigError as error:
        sys.exit(str(error))
    except Exception as problem:
        if told := [*_of_values(), *_of_files(problem)]:
            sys.exit(str(ConfigError(told)))
        raise
    if told := list(_of_values()):
        sys.exit(str(ConfigError(told)))


def _of_files(problem: Exception) -> Iterator[Problem]:
    for name in _FILES:
        file, subject = part(name), f"the {name.removesuffix('.py')}"
        if line_in(problem, file) is not None:
            module = sys.modules.get("config.schema")
            yield mistake(problem, file, subject, vars(module) if module else {})
        elif isinstance(problem, ImportError) and problem.name == f"config.{file.stem}":
            missing = _NOT_THERE.match(str(problem))
            yield Problem(subject, name, missing[1] if missing else None, "must be defined there")


def _of_values() -> Iterator[Problem]:
    """What files define, as far as they have been read."""
    stages = getattr(sys.modules.get("config.stages"), "STAGES", ())
    if not isinstance(stages, tuple | list) or not all(isinstance(one, StageConfig) for one in stages):
        rule = "must be a tuple of stages, each a StageConfig: is a comma missing?"
        yield Problem("the stages", "STAGES", stages, rule)
    delivery = getattr(sys.modules.get("config.delivery"), "DELIVERY", None)
    if delivery is not None and not isinstance(delivery, Delivery):
        yield Problem("the delivery", "DELIVERY", delivery, "must be a Delivery")
