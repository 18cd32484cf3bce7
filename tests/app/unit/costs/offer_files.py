"""Offer files in the form that AWS gives them, of products that public copies quote, with SKU and ranges."""

from __future__ import annotations

from typing import Any

# SKU, usage type, tiers of (USD, from, to).
Product = tuple[str, str, list[tuple[str, str, str]]]
STORED = [("0.0000000000", "0", "25"), ("0.2830000000", "25", "Inf")]
ASKED = [("0.0000011100", "0", "300000000"), ("0.0000010000", "300000000", "Inf")]
DYNAMODB: list[Product] = [
    ("F4EZE5SAMS3D49NJ", "EU-WriteRequestUnits", [("0.0000007050", "0", "Inf")]),
    ("3ERQSZWPAMX2JWHN", "EU-ReadRequestUnits", [("0.0000001415", "0", "Inf")]),
    (
        "E6MS5SS3AMMHBJC6",
        "EU-TimedStorage-ByteHrs",
        [("0.0000000000", "0", "25"), ("0.2830000000", "25", "Inf")],
    ),
    ("W73KZTNZ7UBXFD8S", "EU-TimedPITRStorage-ByteHrs", [("0.2200000000", "0", "Inf")]),
    # Neighbours that end alike: another table class, copies of writes.
    ("AAAAAAAAAAAAAAA1", "EU-IA-WriteRequestUnits", [("0.0000008800", "0", "Inf")]),
    ("AAAAAAAAAAAAAAA2", "EU-IA-TimedStorage-ByteHrs", [("0.1131000000", "0", "Inf")]),
    ("AAAAAAAAAAAAAAA3", "EU-ReplWriteRequestUnits", [("0.0000007050", "0", "Inf")]),
]
API: list[Product] = [("WPZ6JK7P27W4K4QK", "EU-ApiGatewayHttpRequest", ASKED)]


def offer(code: str, products: list[Product], region: str = "eu-west-1", words: str = "") -> dict[str, Any]:
    """In the form of "Getting price list files"; whoever reads one finds more members, and more products."""
    return {
        "formatVersion": "v1.0",
        "offerCode": code,
        "version": "20260911124422",
        "publicationDate": "2026-09-11T12:44:22Z",
        "products": {
            sku: {"sku": sku, "attributes": {"usagetype": usage, "regionCode": region, "servicecode": code}}
            for sku, usage, _ in products
        },
        "terms": {
            "OnDemand": {
                sku: {
                    f"{sku}.JRTCKXETXF": {
                        "sku": sku,
                        "priceDimensions": {
                            f"{sku}.{number}": {
                                "unit": "unit",
                                "description": words,
                                "beginRange": begin,
                                "endRange": end,
                                "pricePerUnit": {"USD": usd},
                            }
                            for number, (usd, begin, end) in enumerate(tiers)
                        },
                    }
                }
                for sku, _, tiers in products
            }
        },
    }
