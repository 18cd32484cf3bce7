"""Gathers the report from where its facts are: database, serving table, Personalize, histories."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from config.derived.names import PersonalizeNames, serving_table_name
from config.derived.recipes import recommends_for_items
from config.schema import UseCase
from config.types.demonstration import Demo
from local_cloud.demo import application, asking, baseline, page, people, serving_table
from local_cloud.demo.application import Application, UseCaseFacts
from local_cloud.demo.checks import checks
from local_cloud.demo.executions import Run
from local_cloud.demo.jobs import job_spans
from local_cloud.demo.next_steps import STAGE, VARIANT, next_steps
from local_cloud.demo.report import Alike, Comparison, Lists, Person, PersonLists, Report, Timing
from local_cloud.demo.serving_table import Served
from local_cloud.demo.timeline import function_spans, map_spans, timing
from local_cloud.ground.clients import client
from local_cloud.ground.settings import Settings

_PEOPLE, _SHOWN, _TASTES, _ITEMS = 3, 5, 3, 3


def report(
    settings: Settings, dsn: str, use_cases: Sequence[UseCase], runs: Sequence[Run], demo: Demo
) -> Report:
    personalize = client(settings, "personalize")
    by_name = {use_case.name: use_case for use_case in use_cases}
    names = {run.use_case: PersonalizeNames(STAGE, by_name[run.use_case]) for run in runs}
    facts = application.read(dsn, tuple(by_name[run.use_case] for run in runs), demo)
    served = {run.use_case: _served(settings, facts, run.use_case) for run in runs}
    personal = [run.use_case for run in runs if not recommends_for_items(by_name[run.use_case])]
    shown = _people(facts, {name: of for name, of in served.items() if name in personal})
    live = asking.ask(settings, facts, use_cases, [found.person.id for found in shown])
    site = page.publish(settings, demo, facts, use_cases, [found.person for found in shown])
    exports, *steps = next_steps(settings, runs, served, [found.person.id for found in shown])
    return Report(
        outcomes=tuple(
            (run.use_case, run.output["outcome"], _detail(run.output, run.use_case in personal))
            for run in runs
        ),
        people=shown,
        alike=tuple(
            each
            for name, of in served.items()
            if name not in personal
            for each in alike(name, facts.use_cases[name], of)
        ),
        comparisons=tuple(_comparison(personalize, names[name]) for name in personal),
        timings=tuple(_timing(personalize, run, names[run.use_case]) for run in runs),
        checks=(
            *(
                check
                for run in runs
                for check in checks(
                    run.use_case,
                    facts.use_cases[run.use_case],
                    served[run.use_case],
                    published_generation(run),
                )
            ),
            *live.checks,
        ),
        live=live,
        next_steps=(exports, *site, *steps),
    )


def published_generation(run: Run) -> str | None:
    return str(run.output["generation"]) if run.output["outcome"] == "published" else None


def _detail(output: Mapping[str, Any], personal: bool) -> str:
    if output["outcome"] == "published":
        whose = "users" if personal else "items"
        return f"{output['users']:,} {whose}, generation {output['generation']}"
    return str(output.get("reason", ""))


def _served(settings: Settings, facts: Application, use_case: str) -> Served | None:
    audience = sorted(facts.use_cases[use_case].audience)
    dynamodb = client(settings, "dynamodb")
    return serving_table.read(dynamodb, serving_table_name(STAGE), use_case, VARIANT, audience)


def _people(facts: Application, served: Mapping[str, Served | None]) -> tuple[PersonLists, ...]:
    everybody: Counter[str] = sum(facts.liked_topics.values(), Counter())
    found = []
    for id_ in people.choose(facts.liked_topics, _PEOPLE):
        tastes = people.favourites(facts.liked_topics[id_], everybody, _TASTES)
        person = Person(id_, facts.names[id_], f"user {id_}: {facts.about[id_]}", tastes)
        lists = tuple(_lists(facts, use_case, of, id_) for use_case, of in served.items())
        found.append(PersonLists(person, lists))
    return tuple(found)


def _lists(facts: Application, use_case: str, served: Served | None, user: str) -> Lists:
    of = facts.use_cases[use_case]
    recommended = served.lists.get(user, ()) if served else ()
    return Lists(
        use_case,
        tuple(of.labels.get(item, item) for item in of.liked.get(user, ())[:_SHOWN]),
        tuple(of.labels.get(item, item) for item in recommended[:_SHOWN]),
        of.kinds,
    )


def alike(use_case: str, facts: UseCaseFacts, served: Served | None) -> list[Alike]:
    """Of the items with a list those that most people chose, of equal ones the first by id."""
    counts = Counter(item for items in facts.liked.values() for item in items)
    lists = {item: similar for item, similar in served.lists.items() if similar} if served else {}
    best = sorted(lists, key=lambda item: (-counts[item], item))[:_ITEMS]
    called = facts.labels
    return [
        Alike(use_case, called.get(item, item), tuple(called.get(one, one) for one in lists[item][:_SHOWN]))
        for item in best
    ]


def _comparison(personalize: Any, names: PersonalizeNames) -> Comparison:
    group = baseline.dataset_group_arn(personalize, names.dataset_group)
    model = baseline.newest_model_metrics(personalize, group, names.solution)
    popularity = baseline.popularity_metrics(personalize, group, f"{names.prefix}-popularity")
    return Comparison(names.use_case.name, model, popularity)


def _timing(personalize: Any, run: Run, names: PersonalizeNames) -> Timing:
    jobs = job_spans(personalize, names, str(run.output["run"]))
    spans = [*function_spans(run.history), *map_spans(run.history), *jobs]
    return timing(run.use_case, run.started, run.ended, spans)
