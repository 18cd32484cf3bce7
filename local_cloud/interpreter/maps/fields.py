"""The fields of a Distributed Map that moto's grammar refuses or ignores, read here."""

from dataclasses import dataclass
from typing import Any

_READER_ACTIONS = {"arn:aws:states:::s3:getObject", "arn:aws:states:::s3:listObjectsV2"}
_READER_CONFIG = {"InputType", "CSVHeaderLocation", "CSVHeaders", "CSVDelimiter", "MaxItems", "ItemsPointer"}
_INPUT_TYPES = {"JSON", "JSONL", "CSV"}
_BATCHER = {"MaxItemsPerBatch", "MaxInputBytesPerBatch", "BatchInput"}
_WRITER_ACTION = "arn:aws:states:::s3:putObject"
_DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}


class UnsupportedMap(ValueError):
    """A Distributed Map uses what the local cloud does not have."""


def is_distributed(state: dict[str, Any]) -> bool:
    config = state.get("ItemProcessor", {}).get("ProcessorConfig", {})
    return state.get("Type") == "Map" and config.get("Mode") == "DISTRIBUTED"


@dataclass(frozen=True)
class MapFields:
    """Templates, to be evaluated when the state runs; None where the state does not have the field."""

    reader: dict[str, Any] | None
    batcher: dict[str, Any] | None
    writer: dict[str, Any] | None
    selector: Any
    tolerated_count: Any
    tolerated_percentage: Any

    @classmethod
    def take(cls, name: str, state: dict[str, Any], language: str) -> "MapFields":
        """Remove the fields from the state. Raises: UnsupportedMap, if it is not in JSONata."""
        if language != "JSONata":
            raise UnsupportedMap(f"state '{name}': the local cloud runs a Distributed Map in JSONata only")
        fields = cls(
            reader=state.pop("ItemReader", None),
            batcher=state.pop("ItemBatcher", None),
            writer=state.pop("ResultWriter", None),
            selector=state.pop("ItemSelector", None),
            tolerated_count=state.pop("ToleratedFailureCount", None),
            tolerated_percentage=state.pop("ToleratedFailurePercentage", None),
        )
        fields._check(name)
        return fields

    def _check(self, name: str) -> None:
        if self.reader is not None:
            _known(name, "ItemReader.Resource", {self.reader.get("Resource")}, _READER_ACTIONS)
            config = self.reader.get("ReaderConfig", {})
            _known(name, "ItemReader.ReaderConfig", config.keys(), _READER_CONFIG)
            _known(name, "InputType", {config.get("InputType", "JSON")}, _INPUT_TYPES)
            _known(name, "CSVDelimiter", {config.get("CSVDelimiter", "COMMA")}, _DELIMITERS.keys())
        if self.batcher is not None:
            _known(name, "ItemBatcher", self.batcher.keys(), _BATCHER)
        if self.writer is not None:
            _known(name, "ResultWriter", self.writer.keys(), {"Resource", "Arguments"})
            _known(name, "ResultWriter.Resource", {self.writer.get("Resource")}, {_WRITER_ACTION})

    def delimiter(self) -> str:
        config = (self.reader or {}).get("ReaderConfig", {})
        return _DELIMITERS[config.get("CSVDelimiter", "COMMA")]


def _known(name: str, field: str, given: Any, known: Any) -> None:
    if unknown := set(given) - set(known):
        raise UnsupportedMap(
            f"state '{name}': the local cloud does not know {field} {sorted(map(str, unknown))}"
        )
