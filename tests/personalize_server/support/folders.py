"""Folders of servers without the servers: a state, and parts of datasets."""

from contextlib import closing
from pathlib import Path

from personalize_server.data.columns import Column, PartWriter
from personalize_server.facts.options import Options
from personalize_server.state.garbage import collect_garbage
from personalize_server.state.proof import proved
from personalize_server.state.store import Record, Store


def options_of(data: Path, *, begin_anew: bool = False, trust_state: bool = False) -> Options:
    return Options(data=data, begin_anew=begin_anew, trust_state=trust_state)


def dataset_of(name: str, part: str) -> Record:
    return Record(
        arn=name,
        kind="Dataset",
        account="1",
        region="r",
        name=name,
        body={},
        created=1.0,
        updated=1.0,
        own={"parts": [part]},
    )


def add(data: Path, store: Store, name: str) -> None:
    PartWriter(data / "datasets" / name, [Column("ID", "coded")]).close()
    store.insert(dataset_of(name, name))


def served(data: Path, **flags: bool) -> list[str]:
    """What a server on this folder knows, after it has cleared up as at every start."""
    options = options_of(data, **flags)
    with proved(options), closing(Store(options.state_file)) as store:
        collect_garbage(store, options)
        return [record.name for record in store.everything("Dataset")]


def kept(data: Path) -> set[str]:
    return {path.name for path in data.rglob("datasets/*")}
