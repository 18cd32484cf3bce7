"""What is wrong with the configuration, said by a command in words instead of a traceback."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from config.place import part
from config.types.errors import ConfigError
from config.types.mistakes import line_in, mistake

_FILES = ("stages.py", "delivery.py", "demo.py")


@contextmanager
def mistakes_told() -> Iterator[None]:
    """Around what imports the configuration: ends the process with what is wrong with it, and exit code 1."""
    try:
        yield
    except ConfigError as error:
        sys.exit(str(error))
    except Exception as problem:
        for name in _FILES:
            file = part(name)
            if line_in(problem, file) is not None:
                module = sys.modules.get("config.schema")
                names = vars(module) if module else {}
                sys.exit(str(ConfigError([mistake(problem, file, f"the {file.stem}", names)])))
        raise
