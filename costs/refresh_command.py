"""`refresh`: prices anew from AWS's public offer files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from costs.options import parser_of
from costs.prices.catalogue import DATA
from costs.prices.json_stream import JsonStream
from costs.prices.meant import PREFIXES
from costs.prices.offers import BadOffer, Offer, read_offers
from costs.prices.price import OLD_AFTER_DAYS, Tier
from costs.prices.rewriting import Renewed, renewed

_EXAMPLES = """\
example:
  curl -fO https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonDynamoDB/current/eu-west-1/index.json
  python -m costs refresh index.json && git diff costs/prices/data

Nothing is downloaded by this command. It was tried on whole files of AWS of December 2015 and January 2016
(DynamoDB, S3, KMS, VPC, SES and others), which is what can be had without AWS; it is untried on a whole
file of today. What a file says in another unit or currency, of the future, or of an earlier day than the
price that is there, is left as it was, and said.

exit codes: 0 every file was read; 1 one is no offer file, and nothing was written; 2 wrong arguments
"""
_SAID_EACH = 64_000_000


@dataclass
class _Progress:
    """Says on standard error how far a large file has been read."""

    file: Path
    said: int = 0

    def __call__(self, characters: int) -> None:
        if characters >= self.said + _SAID_EACH:
            self.said = characters
            size = self.file.stat().st_size
            print(f"{self.file}: {characters / 1e6:,.0f} of {size / 1e6:,.0f} MB", file=sys.stderr)


def run(arguments: Sequence[str], today: date) -> int:
    """Raises: BadPrices, if a price file that is there cannot be read."""
    options = _parser().parse_args(arguments)
    offers: list[Offer] = []
    unknown, wrong = [], []
    for file in options.files:
        try:
            if read := _read(file, today):
                offers += _chosen(read, options.region, options.data)
            else:
                unknown.append(file)
        except (OSError, ValueError, BadOffer) as error:
            wrong.append(f"{file}: {error}")
    if wrong:
        print("\n".join(["nothing was written:", *wrong]), file=sys.stderr)
        return 1
    for offer in offers:
        _renew(options.data, offer, today)
    for file in unknown:
        print(f"{file}: nothing of its service is looked for here")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = parser_of("refresh", __doc__, _EXAMPLES)
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="index.json of a service, of a region or of all"
    )
    parser.add_argument(
        "--region",
        action="append",
        choices=list(PREFIXES),
        metavar="REGION",
        help="only this one, and others that are named so; else those that have a price file, or the file's "
        "only one",
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=DATA,
        metavar="FOLDER",
        help="of price files (default: the repository's)",
    )
    return parser


def _read(file: Path, today: date) -> Sequence[Offer]:
    with file.open(encoding="utf-8") as text:
        return read_offers(JsonStream(text, read=_Progress(file)), today)


def _chosen(offers: Sequence[Offer], named: Sequence[str] | None, folder: Path) -> list[Offer]:
    """Raises: BadOffer, if there is none of these regions."""
    if named:
        found = [offer for offer in offers if offer.region in named]
    elif len(offers) == 1:
        found = list(offers)
    else:
        found = [offer for offer in offers if (folder / f"{offer.region}.toml").exists()]
    if not found:
        there = ", ".join(offer.region for offer in offers)
        raise BadOffer(f"it is of {there}: name one with --region")
    return found


def _renew(folder: Path, offer: Offer, today: date) -> None:
    renewal = renewed(folder, offer)
    if renewal.changes:
        file = folder / f"{offer.region}.toml"
        begun = file.with_suffix(".new")
        begun.write_text(renewal.text, encoding="utf-8")
        begun.replace(file)
    old = ", older than 12 months" if (today - offer.published).days > OLD_AFTER_DAYS else ""
    print(f"{offer.code} {offer.version}, {offer.region}, of {offer.published}{old}:")
    for change in renewal.changes:
        print(f"  {change.item}: {'as before' if change.same else _from_to(change)}")
    for item, why in renewal.left.items():
        print(f"  {item}: left as it was, {why}")


def _from_to(change: Renewed) -> str:
    return f"{_words(change.before) if change.before else 'unknown'} -> {_words(change.after)}"


def _words(tiers: Sequence[Tier]) -> str:
    """`0.03 (6 tiers, down to 0.0275)`."""
    more = f" ({len(tiers)} tiers, down to {tiers[-1].usd:.10g})" if len(tiers) > 1 else ""
    return f"{tiers[0].usd:.10g}{more}"
