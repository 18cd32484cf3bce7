"""Writes one after the other, and transactions and queries that cost what they write and read."""

from moto.dynamodb.models import DynamoDBBackend

from local_cloud.ground.patching import replace
from local_cloud.ground.settings import Settings
from local_cloud.storage import attribute_values as answers
from local_cloud.storage import queries, recovery, writes
from local_cloud.storage.transactions import transact_write_items


def install(settings: Settings) -> None:
    """moto copies the whole table for every item of a transaction."""
    answers.install()
    queries.install()
    replace(DynamoDBBackend, "transact_write_items", transact_write_items)
    writes.install()
    recovery.install(settings)
