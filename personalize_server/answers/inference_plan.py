"""What it takes to put a trained version to work: model, data, settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from personalize_server.data.avro_schema import DATASET_TYPES
from personalize_server.data.dataset_contents import DatasetContent, dataset_contents
from personalize_server.data.parts import Sources, sources_of
from personalize_server.facts.options import Options
from personalize_server.facts.plain_values import as_plain
from personalize_server.facts.quotas import Quotas
from personalize_server.facts.recipes import RECIPES, TREND_SECONDS
from personalize_server.facts.timing import UPDATES_SECONDS
from personalize_server.state.metadata_puts import put_blocks
from personalize_server.state.solution_versions import newest_trained
from personalize_server.state.store import Record, Store

_INCREMENTAL_SECONDS = 1800


@dataclass(frozen=True, kw_only=True)
class InferencePlan:
    """A version at work on the data of its dataset group.

    Images are named by a hash of these fields: another field, or another name of one, is another image.
    """

    model: Path
    """the folder of the trained model"""
    learned: Mapping[str, Any] | None
    """what its training learned besides, as JSON values"""
    group: str
    """the dataset group's ARN"""
    interactions: DatasetContent | None
    items: DatasetContent | None
    users: DatasetContent | None
    actions: DatasetContent | None
    action_interactions: DatasetContent | None
    put_blocks: Sequence[int]
    """full blocks of records put one by one, of items and of users"""
    solution: Mapping[str, Any]
    """as solution_settings gives them"""
    refreshed: int | None
    """changes when the model is to be brought up to date between trainings; None: it never is"""
    quotas: Quotas
    state_file: Path

    def as_json(self) -> dict[str, Any]:
        """The fields by name, as JSON values."""
        plain: dict[str, Any] = as_plain(self)
        return plain

    @property
    def metadata(self) -> Mapping[str, DatasetContent]:
        """The datasets of items and users, as far as there are such."""
        both = {"items": self.items, "users": self.users}
        return {name: content for name, content in both.items() if content is not None}

    @property
    def contents(self) -> Mapping[str, DatasetContent]:
        """The datasets by the names of their fields, as far as there are such."""
        named = {type_.lower(): getattr(self, type_.lower()) for type_ in DATASET_TYPES}
        return {name: content for name, content in named.items() if content is not None}

    def folders(self) -> Sequence[Path]:
        """What on disk it is made of."""
        return (self.model, *(part for content in self.contents.values() for part in content.parts))

    def without_imports(self) -> "InferencePlan":
        """What is the same before and after an import."""
        bare: dict[str, Any] = {
            name: replace(content, parts=(), put_before=()) for name, content in self.contents.items()
        }
        return replace(self, put_blocks=(), **bare)

    def sources(self, scratch: Path) -> Sources:
        """The parts of its data; what was put one by one is written below `scratch`."""
        return sources_of(self.interactions, self.items, self.users, self.state_file, scratch)


def inference_plan(store: Store, options: Options, version: Record) -> InferencePlan:
    """As model and data are now."""
    group = version.links["datasetGroupArn"]
    there = dataset_contents(store, options, group)
    contents = {type_.lower(): there.get(type_) for type_ in DATASET_TYPES}
    put = [contents[name] for name in ("items", "users")]
    return InferencePlan(
        model=options.models / version.own["model"],
        learned=version.own.get("learned"),
        group=group,
        **contents,
        put_blocks=tuple(put_blocks(store, content.arn) if content else 0 for content in put),
        solution=solution_settings(version),
        refreshed=_refreshed(version, store.now()),
        quotas=options.quotas,
        state_file=options.state_file,
    )


def takes_updates(store: Store, version: Record) -> bool:
    """Is it given new items between trainings? Of a solution only the newest version, if trained in full."""
    if version.kind != "SolutionVersion":
        return True
    newest = newest_trained(store, version.links["solutionArn"])
    return newest == version.seq and bool(version.body.get("trainingMode", "FULL") == "FULL")


def _refreshed(version: Record, now: float) -> int | None:
    """Changes when a model is to be brought up to date between trainings, of the recipes that have that."""
    recipe = RECIPES[version.body["recipeArn"]]
    if recipe.type == "PERSONALIZED_ACTIONS":
        return int(now // UPDATES_SECONDS)
    if recipe.model_arn.endswith("/aws-trending-now"):
        settings = version.body.get("solutionConfig", {}).get("featureTransformationParameters", {})
        frequency = settings.get("trend_discovery_frequency", "2 hours")
        return int(now // min(TREND_SECONDS[frequency.lower()], UPDATES_SECONDS))
    if recipe.incremental and version.body.get("performIncrementalUpdate"):
        return int(now // _INCREMENTAL_SECONDS)
    return None


def solution_settings(version: Record) -> dict[str, Any]:
    """What training and inference need of the settings of a version or recommender whose recipe is known."""
    recipe = RECIPES[version.body["recipeArn"]]
    if recipe.domain is not None:
        chosen = version.body.get("recommenderConfig", {}).get("trainingDataConfig")
        config = {"trainingDataConfig": chosen} if chosen else {}
        return {
            "recipeArn": recipe.model_arn,
            "eventType": recipe.event_type,
            "solutionConfig": config,
            "leftOut": recipe.left_out,
            "explores": recipe.explores,
        }
    return {
        "performHPO": version.body.get("performHPO", False),
        "recipeArn": version.body["recipeArn"],
        "eventType": version.body.get("eventType"),
        "solutionConfig": version.body.get("solutionConfig", {}),
    }
