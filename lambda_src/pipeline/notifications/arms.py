"""Whose list a person is told of: that of the variant which an experiment gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pipeline.errors import ExperimentBroken, UnknownFormat
from pipeline.experiments.assignment import assigned
from pipeline.experiments.experiment import STOPPED, Experiment
from pipeline.experiments.store import ExperimentStore
from pipeline.generations import Generations
from pipeline.notifications.recipients import Recipient


@dataclass(frozen=True)
class Arms:
    """published: generations by variant, besides the default one. experiment: None without a good one."""

    published: Mapping[str, str]
    experiment: Experiment | None = None

    @classmethod
    def pinned(cls, generations: Generations, others: tuple[str, ...]) -> Arms:
        """As of now; generations: of the default variant. others: the variants besides."""
        if not others:
            return cls({})
        found = {variant: replace(generations, variant=variant).pointer() for variant in others}
        published = {variant: pointer.generation for variant, pointer in found.items() if pointer}
        store = ExperimentStore(generations.client, generations.table, generations.use_case)
        try:
            return cls(published, store.current())
        except (ExperimentBroken, UnknownFormat):
            return cls(published)

    def with_list(self, recipient: Recipient) -> Recipient:
        """With the experiment's version, and with variant and generation unless those of the run are due."""
        experiment = self.experiment
        if experiment is None or experiment.state == STOPPED:
            return recipient
        due = assigned(experiment, recipient.user).variant
        generation = self.published.get(due) if due else None
        return replace(
            recipient,
            experiment=experiment.version,
            variant=due if generation else None,
            generation=generation,
        )
