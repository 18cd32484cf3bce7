"""A dataset that a query of PostgreSQL answers with."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.extract.database import Database, copy_csv
from pipeline.extract.schema import DatasetSchema
from pipeline.extract.source import Sink


@dataclass(frozen=True)
class Query:
    """text: SQL."""

    database: Database
    text: str

    @property
    def described(self) -> dict[str, str]:
        return {"query": self.text}

    async def stream(self, schema: DatasetSchema, sink: Sink, *, seconds: float) -> None:
        """Raises: DatabaseUnavailable, QueryFailed, and whatever the sink raises."""
        await copy_csv(self.database, self.text, quoted_columns=schema.free_text, sink=sink, seconds=seconds)
