"""The commands of `python -m local_cloud region`."""

import argparse
import json
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from config.stages import LOCAL, LOCAL_STANDBY
from local_cloud.ground import options as kinds
from local_cloud.lifecycle.cloud import Cloud
from local_cloud.lifecycle.regions import RegionsOf, RegionsRefused

NOT_UP = 3


def add_to(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "do", choices=("show", "down", "up", "links"),
        help="show: what there is; down, up: lose a region, and have it back; links: how copies travel",
    )  # fmt: skip
    parser.add_argument("region", nargs="?", help="of down and up; links: from this one only")
    parser.add_argument("--seconds", type=kinds.seconds, help="links: that a copy takes (default: 0.03)")
    parser.add_argument("--shuffled", action="store_true", help="links: copies arrive in any order")
    parser.add_argument("--paused", action="store_true", help="links: nothing arrives")
    parser.add_argument("--seed", type=kinds.seed, help="links: of the order")
    parser.add_argument("--json", action="store_true", help="as a JSON document")


def run(cloud: Cloud, options: argparse.Namespace) -> int:
    """Raises: RegionsRefused."""
    known = [LOCAL.region, LOCAL_STANDBY.region]
    if options.region not in known and (options.region or options.do in ("down", "up")):
        which = f"there is no region {options.region!r}" if options.region else "say which region"
        options.misused(f"{which}: choose from {', '.join(known)}")
    record = cloud.state.read()
    if record is None or not record.complete:
        print("the local cloud is not up", file=sys.stderr)
        return NOT_UP
    deployed = replace(cloud, port=record.port, standby=record.standby)
    regions = RegionsOf(deployed.settings)
    _do(deployed, regions, options)
    told = regions.told()
    if options.json:
        print(json.dumps(told, indent=2))
    else:
        print("\n".join(lines(deployed.stage.roles, told["down"], told["links"])))
    return 0


def _do(cloud: Cloud, regions: RegionsOf, options: argparse.Namespace) -> None:
    known = cloud.stage.regions
    if options.do in ("down", "up") or options.region:
        if options.region not in known:
            raise RegionsRefused(f"say which region: one of {', '.join(known)}, not {options.region}")
    if options.do == "links":
        way = {"shuffled": options.shuffled, "paused": options.paused}
        way |= {} if options.seconds is None else {"seconds": options.seconds}
        way |= {} if options.seed is None else {"seed": options.seed}
        others = [other for other in known if other != options.region]
        for pair in [(options.region, other) for other in others] if options.region else [None]:
            regions.links(pair, **way)
    elif options.do != "show":
        acts: dict[str, Callable[[str], None]] = {"down": regions.down, "up": regions.up}
        acts[options.do](options.region)


def lines(
    roles: Mapping[str, str], down: Collection[str], links: Iterable[Mapping[str, Any]]
) -> Iterator[str]:
    """roles: by region. links: as `RegionsOf` tells them."""
    for region, role in roles.items():
        yield f"{region:<16} {role:<10} {'DOWN' if region in down else 'up'}"
    for link in links:
        how = [f"{1000 * link['seconds']:.0f} ms"]
        how += [word for word in ("shuffled", "paused") if link[word]]
        waiting = sum(link["waiting"].values())
        how += [f"{waiting:,} waiting"] if waiting else []
        yield f"{link['from']} -> {link['to']}   {', '.join(how)}"
