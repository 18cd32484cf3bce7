"""What is the same as in Amazon Personalize, what is not: a document made of the declarations themselves."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from personalize_server.facts.recipes import RECIPES, Recipe
from personalize_server.facts.service_model import CONTROL, EVENTS, RUNTIME, operations
from personalize_server.server.differences import DIFFERENCES
from personalize_server.server.methods import IMPLEMENTED

SAME, DIFFERENT, ABSENT = "same", "different", "absent"
_SERVICES = {CONTROL: "Control plane", RUNTIME: "Runtime", EVENTS: "Events"}
_INTRODUCTION = """\
# Compatibility with Amazon Personalize

What `personalize_server` does as the service does it (**same**), does otherwise (**different**: how), and
does not do (**absent**). Made by `python -m personalize_server compatibility` from the declarations in the
code; a test fails while this file says something else.
"""


class Entry(NamedTuple):
    name: str
    state: str
    how: str


_FEATURES = (
    Entry("Wire protocols", SAME, "JSON 1.1 and REST-JSON; the AWS SDKs work with an endpoint URL."),
    Entry(
        "Constraints of requests",
        DIFFERENT,
        "Every length, pattern, range and enumeration of the service models. Besides, control characters are "
        "refused in the ids, event types and sessions of events and records and in those of imports, lone "
        "surrogates in properties and schemas.",
    ),
    Entry(
        "Values of records and imports",
        DIFFERENT,
        "One rule for both, by the Avro type: a number is a decimal, with or without an exponent; an int or "
        "long is whole, however it is written (5.0), and of 32 or 64 bits; a float is finite in single "
        "precision; the lowest long stands for an absent one and is refused. Categories and impressions have "
        "at most 1,000 characters, ids 256; texts are cut at 20,000, also in Chinese and Japanese; for other "
        "strings no limit is documented and none is set. A line break in a value becomes a blank. What was "
        "taken is what exports, filters and metadata say, whole numbers to the last digit.",
    ),
    Entry(
        "Times of records and imports",
        DIFFERENT,
        "TIMESTAMP, CREATION_TIMESTAMP, sentAt and timestamp are epoch seconds from 1990 until a day from "
        "now; milliseconds and other times are refused, since one of them would lead every trend. The "
        "service documents no bounds: these are those of the checks before an upload.",
    ),
    Entry("Names, ARNs, pagination, tags", SAME, ""),
    Entry(
        "Life cycles",
        DIFFERENT,
        "The same states; they pass at once, or with --timing realistic in time. What was deleted at once "
        "shows as DELETE IN_PROGRESS in one more list and one more description. --fail makes them end in "
        "CREATE FAILED. In which words latestDatasetUpdate says that it goes on, and how a dataset looks "
        "whose update failed, is not known.",
    ),
    Entry(
        "Errors",
        DIFFERENT,
        "An operation answers only what it declares, and what any operation may answer; which of its errors "
        "it is, is this server's choice where the service documents none.",
    ),
    Entry("Quotas", DIFFERENT, "The service's figures, each of which --quota changes."),
    Entry(
        "Throttling",
        DIFFERENT,
        "None, unless --limit, --rate-limit or --timing realistic says so; then by the service's quotas, "
        "over all processes. What comes too fast gets HTTP 400 and ThrottlingException everywhere.",
    ),
    Entry("Signatures", DIFFERENT, "Signature Version 4 against the keys of a file, or none with --no-auth."),
    Entry("Sizes of requests", DIFFERENT, "Limits are options; what is larger gets HTTP 413 or 431."),
    Entry(
        "Objects of jobs",
        DIFFERENT,
        "In Amazon S3, in any server that speaks its API, or with --file-root in files; "
        "no role is assumed and no bucket policy asked.",
    ),
    Entry("IAM policies", ABSENT, "Who has a key may do everything in its account."),
    Entry("Encryption with KMS keys", ABSENT, ""),
    Entry("TLS", ABSENT, "It takes a proxy in front: see personalize-server.md."),
    Entry(
        "Filter expressions",
        SAME,
        "The whole grammar; imports are seen once loaded, events at once, items and users within seconds.",
    ),
    Entry("Automatic training", SAME, "On by default, as in the service; looked at once a minute."),
    Entry(
        "Retraining of recommenders",
        DIFFERENT,
        "Every seven days while not stopped; one that failed is tried again after a day.",
    ),
    Entry(
        "Automatic updates between trainings",
        DIFFERENT,
        "New events count at once. New items are explored by campaigns of the newest version, trained in "
        "full, of a solution with aws-user-personalization or its v2, and by recommenders of top picks and "
        "recommended for you: within seconds, with --timing realistic every two hours; their scores come on "
        "top of the sum of 1. Of semantic similarity with performIncrementalUpdate they come every 30 "
        "minutes, else with the next training; until then an itemId among them is answered with popular "
        "items, and filters by CurrentItem know it. Trends are evaluated anew at their frequency, "
        "new actions looked for every two hours.",
    ),
    Entry(
        "Exploration",
        DIFFERENT,
        "A place of a list is explored with the chance explorationWeight; new items are drawn by relevance, "
        "divided by one more than their explicit impressions, and come where their scores put them. "
        "aws-user-personalization and recommenders of top picks and recommended for you explore items of the "
        "training and new ones, aws-user-personalization-v2 only those that came after the training; "
        "aws-next-best-action draws evenly from the actions without a score.",
    ),
    Entry("Promotions", SAME, ""),
    Entry("Metadata in answers", SAME, "Names that a campaign's Items dataset has, up to ten."),
    Entry(
        "Contextual metadata",
        DIFFERENT,
        "Of the recipes that the service names, and of the legacy hrnn-metadata and hrnn-coldstart: every "
        "categorical column of the Interactions dataset that is not excluded counts as much as it helps to "
        "foresee what was held back, not at all where it does not help; the same for all users. In the lines "
        "of a batch, context is an addition of this server.",
    ),
    Entry(
        "Hyper-parameter optimisation",
        DIFFERENT,
        "A random search over the given ranges, else over all that can be tuned; 10 trials unless "
        "maxNumberOfTrainingJobs says otherwise, maxParallelTrainingJobs at once, one a processor at most.",
    ),
    Entry("Event types, thresholds and weights; columns in and out of training", SAME, ""),
    Entry(
        "Optimization objective",
        DIFFERENT,
        "Relevance plus 0.25, 0.5 or 1 times its spread for the items of the highest rank by the attribute.",
    ),
    Entry(
        "Metric attributions",
        DIFFERENT,
        "Sums by source and 15 minutes, of events and imports, each event once; to S3 and Prometheus, not to "
        "CloudWatch. More than 100 sources are SOURCE_NAME_UNDEFINED.",
    ),
    Entry(
        "Metrics and events in CloudWatch and EventBridge",
        ABSENT,
        "Prometheus metrics at `/metrics` instead; what each campaign has answered is among them.",
    ),
)


def operation_entries(service: str) -> list[Entry]:
    names = sorted(name for name, operation in operations().items() if operation.service == service)
    return [Entry(name, _state(name), DIFFERENCES.get(name, "")) for name in names]


def recipe_entries() -> list[Entry]:
    return [Entry(recipe.name, _recipe_state(recipe), recipe.difference or "") for recipe in RECIPES.values()]


def document() -> str:
    return "\n".join([_INTRODUCTION, *_sections()])


def _sections() -> Iterator[str]:
    entries = {title: operation_entries(service) for service, title in _SERVICES.items()}
    everything = [entry for part in entries.values() for entry in part]
    counts = [f"{sum(e.state == state for e in everything)} {state}" for state in (SAME, DIFFERENT, ABSENT)]
    yield f"## Operations\n\n{len(everything)}: {', '.join(counts)}. An absent one answers HTTP 501.\n"
    for title, part in entries.items():
        yield f"### {title}\n\n{_table('operation', part)}"
    yield (
        "## Recipes\n\nAll are described, and listed but for the legacy hrnn ones. "
        "An absent one is not trained; the answer says so.\n"
    )
    yield _table("recipe", recipe_entries())
    yield f"## Features\n\n{_table('feature', _FEATURES)}".rstrip() + "\n"


def _table(what: str, entries: Sequence[Entry]) -> str:
    return "".join(_lines(what, entries))


def _lines(what: str, entries: Iterable[Entry]) -> Iterator[str]:
    yield f"| {what} | | how |\n|---|---|---|\n"
    for entry in entries:
        yield f"| {entry.name} | {entry.state} | {entry.how} |\n"


def _state(operation: str) -> str:
    if operation not in IMPLEMENTED:
        return ABSENT
    return DIFFERENT if operation in DIFFERENCES else SAME


def _recipe_state(recipe: Recipe) -> str:
    """Asks the training itself what it can do."""
    from personalize_server.training.run import TRAINERS  # brings numpy along

    if recipe.model_arn.rpartition("/")[2] not in TRAINERS:
        return ABSENT
    return DIFFERENT if recipe.difference else SAME
