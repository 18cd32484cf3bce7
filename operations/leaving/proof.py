"""The proof that nothing is left: looked for again after everything else, as JSON and as a page to read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from operations.estate.kinds import BY_WORDS, JOBS
from operations.estate.listing import GONE, described
from operations.leaving import files
from operations.leaving.journal import Recorded
from operations.leaving.plan import ORDER, Plan
from operations.leaving.scope import Clients, Thing

_GONE_WITH_FILES = "no version"


def region_proof(
    clients: Clients, after: Plan, recorded: Sequence[Recorded], problems: Sequence[str]
) -> dict[str, Any]:
    """after: a plan made anew. recorded: everything that was there before."""
    left = [thing for thing in after.things if _is_there(clients, thing)]
    jobs = {job.words for job in JOBS}
    asked = [
        {"kind": one.thing.kind, "name": one.thing.name, "handle": one.thing.handle, "recorded": one.at}
        | {"answer": _answer(clients, one.thing)}
        for one in recorded
        if one.thing.kind == files.FILES or (one.thing.kind in BY_WORDS and one.thing.kind not in jobs)
    ]
    return {
        "region": after.scope.region,
        "stacks": list(after.stacks),
        "lists": [
            {"kind": kind, "left": [thing.name for thing in left if thing.kind == kind]} for kind in ORDER
        ],
        "recorded": asked,
        "kept": list(_kept(clients, after, [one.thing for one in recorded if one.thing.kind in jobs])),
        "stays": [vars(stay) for stay in after.stays if stay.kind not in jobs],
        "problems": list(problems),
        "complete": not left
        and not problems
        and all(one["answer"] in (GONE, _GONE_WITH_FILES) for one in asked),
    }


def proof_of(
    caller: Mapping[str, str], plan: Plan, regions: Sequence[Mapping[str, Any]], at: str
) -> dict[str, Any]:
    return {
        "format": 1,
        "proves": "that nothing of Amazon Personalize is left of the stage",
        "complete": all(region["complete"] for region in regions),
        "at": at,
        "account": caller["Account"],
        "caller": caller["Arn"],
        "stage": plan.scope.stage,
        "useCases": list(plan.scope.use_cases) or "all",
        "regions": list(regions),
    }


def write(proof: Mapping[str, Any], file: Path) -> tuple[Path, Path]:
    """The JSON file, and beside it the page, which has the other's SHA-256."""
    text = json.dumps(proof, indent=2, ensure_ascii=False) + "\n"
    page = file.with_suffix(".md")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()
    page.write_text("\n".join(_page(proof, file.name, digest)) + "\n", encoding="utf-8")
    return file, page


def _kept(clients: Clients, after: Plan, recorded: Sequence[Thing]) -> Iterator[dict[str, str]]:
    """Jobs that can still be listed, and those that can only be asked for by what was recorded."""
    for job in after.jobs:
        yield {"kind": job.kind, "name": job.name, "arn": job.arn, "status": job.status}
    for thing in recorded:
        if thing.handle not in {job.arn for job in after.jobs}:
            found = described(clients("personalize"), BY_WORDS[thing.kind], thing.handle)
            if found is not None:
                told = {"kind": thing.kind, "name": thing.name, "arn": thing.handle}
                yield told | {"status": str(found.get("status", ""))}


def _is_there(clients: Clients, thing: Thing) -> bool:
    """A list may still show what its description no longer does."""
    kind = BY_WORDS.get(thing.kind)
    return kind is None or described(clients("personalize"), kind, thing.handle) is not None


def _answer(clients: Clients, thing: Thing) -> str:
    if thing.kind == files.FILES:
        count = sum(1 for _ in files.versions(clients("s3"), thing))
        return f"{count:,} versions" if count else _GONE_WITH_FILES
    found = described(clients("personalize"), BY_WORDS[thing.kind], thing.handle)
    return GONE if found is None else str(found.get("status") or "there")


def _page(proof: Mapping[str, Any], name: str, digest: str) -> Iterator[str]:
    stage, whose = proof["stage"], proof["useCases"]
    of = "" if whose == "all" else f", use cases {', '.join(whose)}"
    yield f"# Amazon Personalize of stage {stage}{of}: {'gone' if proof['complete'] else 'NOT ALL GONE'}"
    yield ""
    yield f"Looked at {proof['at']} (UTC), account {proof['account']}, as {proof['caller']}."
    yield f"The same as JSON: `{name}`, SHA-256 `{digest}`."
    for region in proof["regions"]:
        yield from _region(region)


def _region(region: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield f"## {region['region']}"
    yield ""
    yield "| list | left |"
    yield "|---|---|"
    for one in region["lists"]:
        yield f"| {one['kind']} | {', '.join(one['left']) or 'none'} |"
    if region["recorded"]:
        yield ""
        yield "| recorded before | handle | first seen | answer now |"
        yield "|---|---|---|---|"
        for one in region["recorded"]:
            yield f"| {one['kind']} {one['name']} | `{one['handle']}` | {one['recorded']} | {one['answer']} |"
    for title, entries in (
        ("The service keeps these, which no operation deletes:", region["kept"]),
        ("Not removed:", region["stays"]),
    ):
        if entries:
            yield ""
            yield title
            yield ""
            for one in entries:
                yield f"- {one['kind']} {one['name']}: {one.get('why') or one['status']}"
    if region["problems"]:
        yield ""
        yield "Could not be removed:"
        yield ""
        yield from (f"- {problem}" for problem in region["problems"])
