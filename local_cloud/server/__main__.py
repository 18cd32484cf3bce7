"""The server of the local cloud: moto and every room around it, on one port.

`python -m local_cloud.server --port 4566` serves until SIGTERM or SIGINT and leaves no process behind.
"""

import argparse
import logging
import os
import sys
from pathlib import Path

from local_cloud.ground import options as kinds
from local_cloud.ground.settings import (
    DEFAULT_GATEWAY_PORT,
    DEFAULT_PERSONALIZE_PORT,
    DEFAULT_PORT,
    Rights,
    Settings,
)
from local_cloud.machine import ports
from local_cloud.server.serving import PortTaken, Stopped, serve


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=kinds.port(), default=DEFAULT_PORT)
    parser.add_argument("--personalize-port", type=kinds.port(), default=DEFAULT_PERSONALIZE_PORT)
    parser.add_argument("--gateway-port", type=kinds.port(), default=DEFAULT_GATEWAY_PORT)
    parser.add_argument(
        "--time-scale", type=kinds.time_scale, default=1.0, help="seconds of a deployed wait per real second"
    )
    parser.add_argument(
        "--rights", type=kinds.rights, default=Rights.OFF, metavar="{off,warn,enforce}",
        help="what becomes of a call that policies do not allow (default: off)",
    )  # fmt: skip
    parser.add_argument("--clock", action="store_true", help="schedules fire when their time has come")
    parser.add_argument("--state-dir", type=kinds.folder, default=Path(".local"))
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    try:
        serve(
            Settings(
                port=options.port,
                personalize_port=options.personalize_port,
                gateway_port=options.gateway_port,
                time_scale=options.time_scale,
                state_dir=options.state_dir,
                rights=options.rights,
                schedules_fire=options.clock,
            )
        )
    except (PortTaken, ports.PortTaken) as problem:
        sys.exit(str(problem))
    except Stopped:
        # All is closed. Python's own end would take seconds to free moto's tables.
        sys.stdout.flush()
        os._exit(0)


if __name__ == "__main__":
    main()
