"""The recipe by which a use case is taken away, as its page says it: possible, whole, nothing is served."""

import re
from pathlib import Path

from app import build_app
from config.notifications import NOTIFICATIONS
from config.use_cases import USE_CASES
from review.planning.deploy_plan import changed, refusals
from review.reading.assemblies import assembly_of
from tests.app.support.assemblies import stacks
from tests.app.support.business.stages import PROD
from tests.app.support.snapshots import NO_BUNDLING

PAGE = Path(__file__).parents[3] / "docs" / "your-business.md"
GONE = "posts"


def recipe() -> list[str]:
    """Kinds of stacks in the order of the page's numbered lines."""
    section = PAGE.read_text(encoding="utf-8").partition("## Take a use case away")[2]
    return [
        kind for line in re.findall(r"^\d\. (.*)$", section, re.M) for kind in re.findall(r"`(\w+)`", line)
    ]


def test_a_use_case_goes_by_the_recipe_stack_by_stack_and_region_by_region(tmp_path: Path) -> None:
    before = {stack.name: stack for stack in stacks() if stack.name.startswith("Prod-")}
    kept = [case for case in USE_CASES if case.name != GONE]
    build_app([PROD], kept, NOTIFICATIONS, outdir=str(tmp_path), context=NO_BUNDLING).synth()
    after = assembly_of(tmp_path)
    regions = [*PROD.replica_regions, PROD.region]
    differs = changed(before, after)

    steps = [f"{PROD.id_in(region)}-{kind}" for region in regions for kind in recipe()]
    order = [name for name in steps if name in differs]

    assert refusals(before, after, order) == []
    assert refusals(before, after, order[::-1]), "any order would do"
    assert set(differs) == set(order), "the recipe forgets a stack"
    for region in regions:
        name = f"{PROD.id_in(region)}-Serving"
        assert f'"{GONE}"' in str(before[name].template).replace("\\", "").replace("'", '"')
        assert f'"{GONE}"' not in str(after[name].template).replace("\\", "").replace("'", '"')
