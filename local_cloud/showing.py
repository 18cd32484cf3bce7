"""The commands `python -m local_cloud status` and `env`: what is there, and how to use it."""

import argparse
import json
import sys
from dataclasses import replace

from local_cloud import exports, status
from local_cloud.lifecycle import cloud as clouds
from local_cloud.lifecycle.cloud import Cloud

NOT_UP = 3


def add_to(parser: argparse.ArgumentParser) -> None:
    """Of either command."""
    parser.add_argument("--json", action="store_true", help="as a JSON document")


def run_status(cloud: Cloud, options: argparse.Namespace) -> int:
    record = cloud.state.read()
    if record is None:
        _show_strays(cloud, as_json=options.json)
        return NOT_UP
    found = status.status_of(replace(cloud, port=record.port, standby=record.standby), record)
    if options.json:
        print(json.dumps(found.as_json, indent=2))
    else:
        print("\n".join(status.lines(found)))
        if not found.complete:
            print("\nnot all of it is running; `python -m local_cloud up` cleans up and starts anew")
    return 0 if found.complete else 1


def _show_strays(cloud: Cloud, *, as_json: bool) -> None:
    """Servers of an earlier cloud of the folder, whose record is lost."""
    strays = clouds.strays(cloud)
    if as_json:
        left = [{"name": name, "process": stray.pid} for name, stray in strays]
        print(json.dumps({"up": False, "strays": left}, indent=2))
        return
    print("the local cloud is not up")
    for name, stray in strays:
        print(f"the {name} server (process {stray.pid}) of an earlier one still runs; `down` ends it")


def run_env(cloud: Cloud, options: argparse.Namespace) -> int:
    """For a shell, or as an object of names and values."""
    if not (record := cloud.state.read()) or not record.complete:
        print("the local cloud is not up", file=sys.stderr)
        return NOT_UP
    deployed = replace(cloud, port=record.port, standby=record.standby)
    if options.json:
        print(json.dumps(dict(exports.exports(deployed)), indent=2))
    else:
        print("\n".join(exports.lines(deployed)))
    return 0
