"""Commands and their exit codes: 0 done, 1 refused (the reason is on stderr), 2 wrong usage, 130 stopped."""

import argparse
import os
import sys
from collections.abc import Sequence

from engine.cli import evaluating, first_look, serving, training
from engine.ground.errors import EngineError


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has seen enough; Python would complain once more when it closes the output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (EngineError, OSError) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(prog="python -m engine", description="Recommendation models of our own.")
    commands = whole.add_subparsers(required=True, metavar="command")
    for module in (first_look, training, evaluating, serving):
        module.add_commands(commands)
    return whole
