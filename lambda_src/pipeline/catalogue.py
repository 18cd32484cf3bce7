"""All items of a use case in the order of its dataset, for directories."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.csv_rows import rows
from pipeline.errors import CatalogueTooLarge
from pipeline.generations import Generations
from pipeline.serving_items import catalogue_key, list_item
from pipeline.storage import Bucket

MOST_ITEMS = 50_000
"""A directory is kept in the memory of every function that serves it."""

_PAGE_BYTES = 200_000
"""Of ids; DynamoDB takes 400 KB with everything around them."""


def store_catalogue(
    bucket: Bucket, generations: Generations, generation: str, dataset_key: str, *, expires: int
) -> int:
    """Writes the ids of the items dataset as pages of the generation; answers how many there are.

    Repeating it writes the same. Raises: CatalogueTooLarge, InvalidInput, StorageFailed.
    """
    ids = list(dict.fromkeys(item for (item,) in rows(bucket, dataset_key, ["ITEM_ID"])))
    if len(ids) > MOST_ITEMS:
        raise CatalogueTooLarge(
            f"{generations.use_case}: {len(ids):,} items, and a directory can have {MOST_ITEMS:,}: "
            "give the use case an endpoint of another kind"
        )
    pages = list(_pages(ids))
    for number, page in enumerate(pages):
        key = catalogue_key(generations.use_case, generations.variant, generation, number)
        item = list_item(key["pk"]["S"], key["sk"]["S"], page, expires)
        item["pages"] = {"N": str(len(pages))}
        generations.client.put_item(TableName=generations.table, Item=item)
    return len(ids)


def _pages(ids: list[str]) -> Iterator[list[str]]:
    page: list[str] = []
    size = 0
    for id_ in ids:
        length = len(id_.encode()) + 1
        if page and size + length > _PAGE_BYTES:
            yield page
            page, size = [], 0
        page.append(id_)
        size += length
    if page:
        yield page
