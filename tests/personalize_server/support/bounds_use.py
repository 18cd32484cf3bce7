"""What was taken at the bounds of all types, in trainings, filters and answers."""

import operator
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.personalize_server.support.bounds import worth
from tests.personalize_server.support.bounds_run import BoundsRun, Made, behaviour, made_records
from tests.personalize_server.support.journey import RECIPE, ROLE
from tests.personalize_server.support.processes import PersonalizeServer
from tests.personalize_server.support.shop import soon
from tests.personalize_server.support.world import BUCKET, QUOTAS, World, fresh_name

_FILTERED = ("N_INT", "N_LONG", "N_FLOAT", "N_DOUBLE", "CREATION_TIMESTAMP")
_MOST, _MOST_TOLD = 500, 50
"""in a list, and in one with metadata"""
_ASKED = 40
"""values of a column that are filtered by"""
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    ">=": operator.ge,
    "IN": lambda cell, value: value == cell or value in cell.split("|"),
}


def run_bounds(folder: Path, count: int, refused: int) -> Mapping[str, int]:
    """`count` records, one by one; as files all that are good and `refused` that are not."""
    (folder / "objects" / BUCKET).mkdir(parents=True)
    few = ("--quota", "import_interactions=1", "--quota", "training_interactions=1")
    options = ("--file-root", str(folder / "objects"), *QUOTAS, *few)
    server = PersonalizeServer(folder / "data", None, options).start()
    try:
        run = BoundsRun(World(server.url, folder / "objects" / BUCKET), made_records(count))
        run.put_all()
        run.import_all(refused)
        run.check_exports()
        check_use(run)
        return dict(run.figures)
    finally:
        assert server.stop() == 0


def check_use(run: BoundsRun) -> None:
    """Trains on both groups, and filters by what their items have."""
    for datasets in (run.put_into, run.imported_into):
        imported = datasets is run.imported_into
        items = [record for record in run.good_records if record.type_ == "Items"]
        items = [record for record in items if not imported or run.line(record)]
        _append(run.world, datasets["Interactions"], behaviour(items))
        for recipe in ("aws-user-personalization-v2", "aws-similar-items"):
            campaign = _campaign(run.world, datasets["group"], recipe)
            run.figures["trained"] += 1
        alike = _Asked(run, datasets["group"], campaign, items)
        for name in _FILTERED:
            run.figures["filtered"] += alike.check_numbers(name)
        run.figures["filtered"] += alike.check_categories()
        alike.check_what_comes_later(datasets["Items"])


def _append(world: World, dataset: str, text: str) -> None:
    name = fresh_name()
    (world.objects / f"{name}.csv").write_text(text)
    source = {"dataLocation": world.s3(f"{name}.csv")}
    made = world.do(
        "CreateDatasetImportJob", jobName=name, datasetArn=dataset, dataSource=source, roleArn=ROLE
    )
    world.settled("DescribeDatasetImportJob", **made)


def _campaign(world: World, group: str, recipe: str) -> str:
    made = {"name": fresh_name(), "datasetGroupArn": group, "recipeArn": RECIPE + recipe}
    solution = world.do("CreateSolution", **made, performAutoTraining=False)
    version = world.do("CreateSolutionVersion", **solution)
    world.settled("DescribeSolutionVersion", **version)
    config = {"enableMetadataWithRecommendations": True}
    made = world.do("CreateCampaign", name=fresh_name(), **version, campaignConfig=config)
    return world.settled("DescribeCampaign", **made)


class _Asked:
    """A campaign of similar items, and what its items have."""

    def __init__(self, run: BoundsRun, group: str, campaign: str, items: Sequence[Made]) -> None:
        self._run, self._group, self._campaign = run, group, campaign
        self._items = {item.name: item for item in items}

    def check_numbers(self, name: str) -> int:
        values = self._values(name)
        rng = random.Random(2)
        chosen = rng.sample(sorted(set(values.values())), min(_ASKED, len(set(values.values()))))
        filters = {
            sign: self._filter(f"INCLUDE ItemID WHERE Items.{name} {sign} $V") for sign in ("=", "<", ">=")
        }
        of_item = self._filter(f"INCLUDE ItemID WHERE Items.{name} = CurrentItem.{name}")
        for value in chosen:
            asked = next(item for item, own in values.items() if own == value)
            for sign, arn in filters.items():
                found = self._listed(
                    asked, arn, {"V": repr(value) if "e" not in repr(value) else f'"{value!r}"'}
                )
                assert set(found) == expected(values, asked, sign, value), (name, sign, value)
            same = self._listed(asked, of_item, {}, name)
            wanted = expected(values, asked, "=", value)
            assert set(same) <= wanted and len(same) == min(len(wanted), _MOST_TOLD), (name, value)
            assert all(type(value)(cells[name]) == value for cells in same.values())
        return len(chosen) * 4

    def check_categories(self) -> int:
        values = self._values("GENRES")
        chosen = [value for value in sorted(set(values.values())) if len(value) < 300]
        arn = self._filter("INCLUDE ItemID WHERE Items.GENRES IN ($V)")
        for value in chosen:
            asked = next(item for item, own in values.items() if own == value)
            quoted = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
            found = self._listed(asked, arn, {"V": quoted})
            assert set(found) == expected(values, asked, "IN", value), value
        return len(chosen)

    def check_what_comes_later(self, dataset: str) -> None:
        """Neighbours that a float cannot tell apart, and a time as pandas writes it."""
        one, other, asked = list(self._items)[:3]
        given = {one: str(2**60), other: str(2**60 + 1), asked: f"{2**60}.0", "new": str(2**60)}
        entries = [
            {"itemId": item, "properties": f'{{"nLong": {cell}, "creationTimestamp": "1700000000.0"}}'}
            for item, cell in given.items()
        ]
        self._run.world.do("PutItems", datasetArn=dataset, items=entries)
        of_item = self._filter("INCLUDE ItemID WHERE Items.N_LONG = CurrentItem.N_LONG")
        told = {one: {"N_LONG": str(2**60)}}
        soon(lambda: self._listed(asked, of_item, {}, "N_LONG") == told)

    def _values(self, name: str) -> dict[str, Any]:
        """By item, of those that have one."""
        found = {
            item.name: worth(name, item.cells.get(name, ""), self._run.now) for item in self._items.values()
        }
        return {item: value for item, value in found.items() if value is not None}

    def _filter(self, text: str) -> str:
        made = {"name": fresh_name(), "datasetGroupArn": self._group, "filterExpression": text}
        return str(self._run.world.do("CreateFilter", **made)["filterArn"])

    def _listed(self, item: str, filter_: str, values: dict[str, str], *columns: str) -> dict[str, Any]:
        more = {"metadataColumns": {"ITEMS": list(columns)}} if columns else {}
        answer = self._run.world.do(
            "GetRecommendations",
            **{"campaignArn": self._campaign, "itemId": item, "filterArn": filter_},
            numResults=_MOST_TOLD if columns else _MOST,
            filterValues=values,
            **more,
        )
        return {entry["itemId"]: entry.get("metadata", {}) for entry in answer["itemList"]}


def expected(values: Mapping[str, Any], asked: str, sign: str, value: Any) -> set[str]:
    """The items that compare so with the value, but for the one asked about."""
    return {item for item, own in values.items() if _COMPARE[sign](own, value)} - {asked}
