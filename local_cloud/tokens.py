"""The command `python -m local_cloud token`."""

import argparse
import sys
from dataclasses import replace

from local_cloud.lifecycle.cloud import Cloud
from local_cloud.people.issuer import LONGEST, token_of

NOT_UP = 3


def add_to(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("user", type=_user, help="whose id the token has")


def run(cloud: Cloud, options: argparse.Namespace) -> int:
    """Prints a token that is good for an hour, at the addresses with `_people`."""
    record = cloud.state.read()
    if record is None or not record.complete:
        print("the local cloud is not up", file=sys.stderr)
        return NOT_UP
    print(token_of(replace(cloud, port=record.port).settings, options.user))
    return 0


def _user(text: str) -> str:
    if not 0 < len(text) <= LONGEST:
        raise argparse.ArgumentTypeError(f"must be an id of 1 to {LONGEST} characters, got {len(text)}")
    return text
