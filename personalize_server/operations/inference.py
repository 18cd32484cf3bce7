"""Filters, campaigns, batch inference and batch segment jobs."""

from typing import Any

from personalize_server.facts.errors import InvalidInput, LimitExceeded, ResourceInUse
from personalize_server.facts.recipes import RECIPES, Parameter
from personalize_server.filters.checking import check_filter, fields_used
from personalize_server.filters.grammar import Filter, FilterError
from personalize_server.filters.parser import parse_filter
from personalize_server.objects.locations import parse_location
from personalize_server.operations.creating import Draft, Parents, create
from personalize_server.operations.datasets import group_fields
from personalize_server.state.context import Answer, Context, Request
from personalize_server.state.store import Record
from personalize_server.state.updates import begin_update

LATEST = "/$LATEST"
_LARGEST_SEGMENT = 5_000_000
_EXPLORATION = {
    "explorationWeight": Parameter("0.3", 0, 1),
    "explorationItemAgeCutOff": Parameter("30", 0, 36_500),
}


def create_filter(context: Context, request: Request) -> Answer:
    def prepare(context: Context, request: Request, parents: Parents) -> Draft:
        try:
            parsed = parse_filter(request["filterExpression"])
            check_filter(parsed, group_fields(context, parents["DatasetGroup"]))
        except FilterError as problem:
            raise InvalidInput(str(problem)) from None
        _check_fields(context, parents["DatasetGroup"], parsed)
        return Draft()

    return create(context, "Filter", request, prepare)


def _check_fields(context: Context, group: Record, parsed: Filter) -> None:
    """Those of all filters of the group are counted together."""
    others = context.linked(group.arn, kind="Filter", member="datasetGroupArn")
    known = {used for other in others for used in fields_used(parse_filter(other.body["filterExpression"]))}
    used = fields_used(parsed)
    if used - known and len(used | known) > context.options.quotas.filter_fields:
        raise LimitExceeded(
            f"More than {context.options.quotas.filter_fields} distinct fields over all filters of the "
            "dataset group."
        )


def create_campaign(context: Context, request: Request) -> Answer:
    check_exploration(request.get("campaignConfig", {}))
    version = _campaign_version(context, request["solutionVersionArn"], request.get("campaignConfig", {}))
    resolved = {**request, "solutionVersionArn": version.arn}

    def prepare(context: Context, _: Request, parents: Parents) -> Draft:
        recipe = RECIPES[version.body["recipeArn"]]
        if recipe.type == "USER_SEGMENTATION":
            raise InvalidInput(f"The recipe {recipe.name} cannot be deployed in a campaign.")
        return Draft(body={"solutionVersionArn": request["solutionVersionArn"]})

    return create(context, "Campaign", resolved, prepare)


def update_campaign(context: Context, request: Request) -> Answer:
    """Another model or configuration for a campaign, which goes on answering meanwhile.

    Raises: InvalidInput, for nothing to change or a model of another group; ResourceInUse, if either is not
    ready.
    """
    campaign = context.find("Campaign", request["campaignArn"])
    changes: dict[str, Any] = {key: value for key, value in request.items() if key != "campaignArn"}
    if not changes:
        raise InvalidInput("There is nothing to update.")
    check_exploration(changes.get("campaignConfig", {}))
    if context.status(campaign) not in ("ACTIVE", "CREATE FAILED"):
        raise ResourceInUse(f"Resource Arn {campaign.arn} is {context.status(campaign)}.")
    links = {"replacedSolutionArn": campaign.links["solutionArn"]}  # answers until the update is through
    if "solutionVersionArn" in changes:
        version = _campaign_version(context, changes["solutionVersionArn"], changes.get("campaignConfig", {}))
        if not context.active(version):
            raise ResourceInUse(f"Resource Arn {version.arn} is not ACTIVE, it is {context.status(version)}.")
        if version.links["datasetGroupArn"] != campaign.links["datasetGroupArn"]:
            raise InvalidInput("The solution version must be of the campaign's dataset group.")
        links |= {**version.links, "solutionVersionArn": version.arn}
    begin_update(context, campaign, body=changes, shown=changes, links=links)
    return {"campaignArn": campaign.arn}


def create_batch_inference_job(context: Context, request: Request) -> Answer:
    """Begins to answer the lines of files.

    Raises: InvalidInput, also for themes, which this server does not make.
    """
    if request.get("batchInferenceJobMode") == "THEME_GENERATION" or "themeGenerationConfig" in request:
        raise InvalidInput("Theme generation is not supported by this server.")
    check_batch_paths(request)
    check_exploration(request.get("batchInferenceJobConfig", {}))

    def prepare(context: Context, request: Request, parents: Parents) -> Draft:
        recipe = RECIPES[parents["SolutionVersion"].body["recipeArn"]]
        if not recipe.batch:
            raise InvalidInput(f"The recipe {recipe.name} does not support batch inference jobs.")
        check_filter_fits(parents, "ItemID")
        return Draft()

    return create(context, "BatchInferenceJob", request, prepare)


def create_batch_segment_job(context: Context, request: Request) -> Answer:
    """Begins to find people for the lines of files.

    Raises: InvalidInput, also for more people than a segment can have.
    """
    check_batch_paths(request)
    if request.get("numResults", 1) > _LARGEST_SEGMENT:
        raise InvalidInput(f"numResults must be at most {_LARGEST_SEGMENT}.")

    def prepare(context: Context, request: Request, parents: Parents) -> Draft:
        recipe = RECIPES[parents["SolutionVersion"].body["recipeArn"]]
        if recipe.type != "USER_SEGMENTATION":
            raise InvalidInput(f"The recipe {recipe.name} does not support batch segment jobs.")
        check_filter_fits(parents, "UserID")
        return Draft()

    return create(context, "BatchSegmentJob", request, prepare)


def check_exploration(config: Request) -> None:
    """Of a campaign, recommender or batch inference job: how much to explore, which items are new.

    Raises: InvalidInput.
    """
    for name, text in config.get("itemExplorationConfig", {}).items():
        if name not in _EXPLORATION:
            raise InvalidInput(f"itemExplorationConfig takes {' and '.join(_EXPLORATION)}, not {name}.")
        problem = _EXPLORATION[name].problem(text)
        if problem:
            raise InvalidInput(f"{name} {problem}, not {text}.")


def check_batch_paths(request: Request) -> None:
    """Where a batch job reads and writes, and how much. Raises: InvalidInput."""
    source = parse_location(request["jobInput"]["s3DataSource"]["path"])
    target = parse_location(request["jobOutput"]["s3DataDestination"]["path"])
    if source is None:
        raise InvalidInput("Invalid S3 input path")
    if target is None or not target.is_folder:
        raise InvalidInput("Invalid S3 output path")
    if source == target:
        raise InvalidInput("Invalid S3 output path. It must not be the input path.")
    if request.get("numResults", 1) < 1:
        raise InvalidInput("numResults must be at least 1.")


def check_filter_fits(parents: Parents, target: str) -> None:
    """Of the same dataset group, and of the ids that the job is about. Raises: InvalidInput, if it is not."""
    filter_ = parents.get("Filter")
    version = parents["SolutionVersion"]
    if filter_ and filter_.links["datasetGroupArn"] != version.links["datasetGroupArn"]:
        raise InvalidInput("The filter must be of the solution version's dataset group.")
    if filter_ and parse_filter(filter_.body["filterExpression"]).rules[0].target != target:
        raise InvalidInput(f"The filter must be about {target}.")


def _campaign_version(context: Context, arn: str, config: Request) -> Record:
    """The version itself, or the newest one behind a solution's $LATEST."""
    if not arn.endswith(LATEST):
        if config.get("syncWithLatestSolutionVersion"):
            raise InvalidInput(
                f"syncWithLatestSolutionVersion needs a solutionVersionArn that ends with {LATEST}."
            )
        return context.find("SolutionVersion", arn)
    if not config.get("syncWithLatestSolutionVersion"):
        raise InvalidInput(
            f"A solutionVersionArn that ends with {LATEST} needs syncWithLatestSolutionVersion."
        )
    solution = context.find("Solution", arn.removesuffix(LATEST))
    versions = context.linked(solution.arn, kind="SolutionVersion", member="solutionArn")
    active = [version for version in versions if context.active(version)]
    if not active:
        raise ResourceInUse(f"{solution.arn} has no ACTIVE solution version.")
    return active[-1]
