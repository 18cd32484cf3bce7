"""What is left on disk of data and models that are no more."""

import shutil

from personalize_server.facts.options import Options
from personalize_server.state.store import Store


def collect_garbage(store: Store, options: Options) -> None:
    """Removes data and models that nothing refers to; only while no job runs."""
    kept = {part for dataset in store.everything("Dataset") for part in dataset.own.get("parts", [])}
    for kind in ("SolutionVersion", "Recommender", "RecommenderTraining"):
        kept |= {trained.own.get("model") for trained in store.everything(kind)}
    for folder in (options.datasets, options.models, options.scratch):
        for entry in folder.iterdir() if folder.exists() else ():
            if entry.name not in kept:
                shutil.rmtree(entry, ignore_errors=True)
    waiting = {f"{record.seq}.jsonl" for record in store.with_work("queued", "running")}
    for entry in options.trials.iterdir() if options.trials.exists() else ():
        if entry.name not in waiting:
            entry.unlink(missing_ok=True)
