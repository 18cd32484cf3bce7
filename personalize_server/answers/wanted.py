"""What each campaign and recommender is to answer from, and which images on disk that takes."""

import hashlib
import json
import logging
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from personalize_server.answers.inference_plan import InferencePlan, inference_plan, takes_updates
from personalize_server.facts.errors import InvalidInput
from personalize_server.facts.options import Options
from personalize_server.facts.plain_values import PlainValueError, from_plain
from personalize_server.facts.recipes import RECIPES
from personalize_server.state.context import Context
from personalize_server.state.recommender_models import current_model
from personalize_server.state.store import Record, Store
from personalize_server.state.updates import effective_body

KINDS = ("Campaign", "Recommender")
IMAGE_FORMAT = 3
"""counts changes of what is in an image: one of another format is made anew"""
LOCK = "lock"
SEAL = "image.sums.json"
"""has checksums of an image's files, and the plan that it is made of"""
_LATEST = "/$LATEST"
_UNUSED_SECONDS = 600.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wanted:
    plan: InferencePlan
    config: Mapping[str, Any]
    """campaignConfig or recommenderConfig"""
    new_until: float | None
    """new items that came before this time (epoch seconds) may be explored; None: none may"""
    seq: int
    """the number of the campaign or recommender: one that is made again under its name has another"""
    arn: str
    """its own"""

    @cached_property
    def image(self) -> str:
        """The name of the image: the same for the same model, data and settings."""
        content = json.dumps({"format": IMAGE_FORMAT, **self.plan.as_json()}, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:32]


def wanted_of(context: Context, kind: str, arn: str) -> Wanted:
    """What a campaign or recommender is to answer from now.

    Raises: InvalidInput, if it recommends actions.
    """
    wanted, actions = _wanted_of(context, kind, arn)
    if actions:
        raise InvalidInput("The campaign's recipe is for GetActionRecommendations.")
    return wanted


def actions_wanted(context: Context, arn: str) -> Wanted:
    """The same of a campaign of actions. Raises: InvalidInput, if it does not recommend actions."""
    wanted, actions = _wanted_of(context, "Campaign", arn)
    if not actions:
        raise InvalidInput("The campaign's recipe is not for GetActionRecommendations.")
    return wanted


def _wanted_of(context: Context, kind: str, arn: str) -> tuple[Wanted, bool]:
    """And whether it recommends actions."""
    asked = context.find(kind, arn)
    if not context.active(asked):
        raise InvalidInput(f"Resource Arn {arn} is not ACTIVE, it is {context.status(asked)}.")
    body = effective_body(context, asked)
    if kind == "Recommender":
        version = current_model(context, asked)
    else:
        version = active_version(context, str(body["solutionVersionArn"]))
    plan = inference_plan(context.store, context.options, version)
    config = body.get("campaignConfig" if kind == "Campaign" else "recommenderConfig", {})
    new_until = None
    if RECIPES[plan.solution["recipeArn"]].explores and takes_updates(context.store, version):
        new_until = context.options.timing.updated(context.now)
    wanted = Wanted(plan, config, new_until, asked.seq, arn)
    return wanted, RECIPES[version.body["recipeArn"]].type == "PERSONALIZED_ACTIONS"


def answers_with_actions(context: Context, asked: Record) -> bool:
    """Whether it is GetActionRecommendations that this campaign or recommender is for."""
    if asked.kind != "Campaign" or not context.active(asked):
        return False
    version = active_version(context, str(effective_body(context, asked)["solutionVersionArn"]))
    return RECIPES[version.body["recipeArn"]].type == "PERSONALIZED_ACTIONS"


def sweep_unused_images(context: Context) -> None:
    """Removes images that nothing needs and that are not new, and what a crash left unfinished."""
    folder = context.options.images
    if not folder.exists():
        return
    sweep_erased_images(context.store, context.options)
    used, oldest = _images_in_use(context), time.time() - _UNUSED_SECONDS
    for entry in folder.iterdir():
        if entry.name.partition("-")[0] not in used and entry.name != LOCK and entry.stat().st_mtime < oldest:
            shutil.rmtree(entry, ignore_errors=True)


def sweep_erased_images(store: Store, options: Options) -> None:
    """Removes images that may have users who have been deleted since."""
    erased = {dataset.arn: dataset.own.get("erased", 0) for dataset in store.everything("Dataset")}
    for path in options.images.glob(f"*/{SEAL}"):
        plan = plan_of_image(path.parent)
        contents = plan.contents.values() if plan is not None else ()
        if any(erased.get(content.arn, 0) > content.erased for content in contents):
            shutil.rmtree(path.parent, ignore_errors=True)


def plan_of_image(folder: Path) -> InferencePlan | None:
    """None: nobody knows, as it has gone, or is damaged, or another server's."""
    try:
        return from_plain(InferencePlan, json.loads((folder / SEAL).read_bytes())["plan"])
    except (OSError, ValueError, KeyError, TypeError, PlainValueError):
        return None


def _images_in_use(context: Context) -> set[str]:
    """Of all accounts and regions."""
    used = set()
    for kind in KINDS:
        for record in context.store.everything(kind):
            try:
                wanted, _ = _wanted_of(context.of(record.account, record.region), kind, record.arn)
                used.add(wanted.image)
            except Exception as problem:
                _log.debug("without an image", extra={"arn": record.arn, "reason": str(problem)})
    return used


def active_version(context: Context, arn: str) -> Record:
    """The version itself, or the newest ACTIVE one behind a solution's $LATEST."""
    if not arn.endswith(_LATEST):
        return context.find("SolutionVersion", arn)
    versions = context.linked(arn.removesuffix(_LATEST), kind="SolutionVersion", member="solutionArn")
    return [version for version in versions if context.active(version)][-1]
