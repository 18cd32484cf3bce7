"""`refresh`: prices anew from AWS's public offer files. Untried on a whole file of AWS."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from costs.prices.catalogue import DATA
from costs.prices.offers import BadOffer, Offer, read_offer
from costs.prices.rewriting import renewed

_EXAMPLES = """\
example:
  curl -O https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonDynamoDB/current/eu-west-1/index.json
  python -m costs refresh index.json && git diff costs/prices/data

exit codes: 0 every file was read; 1 one is no offer file, and nothing was written; 2 wrong arguments
"""


def run(arguments: Sequence[str]) -> int:
    """Raises: BadPrices, if a price file that is there cannot be read."""
    parser = argparse.ArgumentParser(
        prog="python -m costs refresh",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="index.json of a service and region"
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=DATA,
        metavar="FOLDER",
        help="of price files (default: the repository's)",
    )
    options = parser.parse_args(arguments)
    offers, wrong = [], []
    for file in options.files:
        try:
            offers.append(read_offer(json.loads(file.read_text(encoding="utf-8"))))
        except (OSError, ValueError, BadOffer) as error:
            wrong.append(f"{file}: {error}")
    if wrong:
        print("\n".join(["nothing was written:", *wrong]), file=sys.stderr)
        return 1
    for offer in offers:
        _renew(options.data, offer)
    return 0


def _renew(folder: Path, offer: Offer) -> None:
    text, changes = renewed(folder, offer)
    if changes:
        (folder / f"{offer.region}.toml").write_text(text, encoding="utf-8")
    print(f"{offer.code} {offer.version}, {offer.region}, of {offer.published}:")
    for change in changes:
        before = "unknown" if change.before is None else f"{change.before:.10g}"
        same = change.before is not None and math.isclose(change.before, change.after, rel_tol=1e-9)
        print(f"  {change.item}: {'as before' if same else f'{before} -> {change.after:.10g}'}")
    for item, why in offer.missing.items():
        print(f"  {item}: left as it was, {why}")
    if not changes and not offer.missing:
        print("  nothing in it is known here")
