"""What is left on disk of data and models that are no more."""

from collections.abc import Collection, Iterator
from pathlib import Path

from personalize_server.disk.leases import remove
from personalize_server.facts.options import Options
from personalize_server.state.store import Store

_KEPT = """
    SELECT value FROM resources, json_each(own, '$.parts') WHERE kind = 'Dataset'
    UNION ALL
    SELECT json_extract(own, '$.model') FROM resources
    WHERE kind IN ('SolutionVersion', 'Recommender', 'RecommenderTraining')
"""


def collect_garbage(store: Store, options: Options, kept: Collection[Path] = ()) -> None:
    """Removes data and models that nothing refers to and nobody reads; only of a proved state.

    kept: what running jobs read and write.
    """
    scratch = options.scratch.iterdir() if options.scratch.exists() else ()
    unwanted = [entry for entry in (*unknown(store, options), *scratch) if entry not in kept]
    remove(options.leases, unwanted, options.scratch)
    waiting = {f"{record.seq}.jsonl" for record in store.with_work("queued", "running")}
    for entry in options.trials.iterdir() if options.trials.exists() else ():
        if entry.name not in waiting:
            entry.unlink(missing_ok=True)


def unknown(store: Store, options: Options) -> Iterator[Path]:
    """Folders of data and models that no resource refers to."""
    kept = {row[0] for row in store.query(_KEPT)}
    for folder in (options.datasets, options.models):
        for entry in folder.iterdir() if folder.exists() else ():
            if entry.name not in kept:
                yield entry
