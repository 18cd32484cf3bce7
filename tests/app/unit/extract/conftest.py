"""An extraction by the database and the bucket of a test."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pipeline.extract.database import Database
from pipeline.extract.extract import Extract, Extracted, extract_dataset
from pipeline.extract.query import Query
from pipeline.extract.schema import DatasetSchema
from pipeline.storage import Bucket
from tests.app.support.extraction import INTERACTIONS, NOW


@pytest.fixture
def extract(database: Database, bucket: Bucket) -> Any:
    def run(query: str, schema: DatasetSchema = INTERACTIONS, **changes: Any) -> Extracted:
        source = Query(changes.get("database", database), query)
        work = Extract(use_case="posts", run="20231114T221320000", schema=schema, source=source)
        work = replace(work, **{k: v for k, v in changes.items() if k == "seconds"})
        return extract_dataset(work, bucket, clock=lambda: NOW)

    return run
