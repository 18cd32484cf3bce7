"""The workflow files: current, in order by the tools that know them, and giving away nothing."""

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from check_jsonschema import main as check_schema

from config.types.stage_config import Tier
from delivery.command import main
from delivery.ground.errors import NotDelivered
from delivery.ground.places import target_of
from delivery.stacks.turns import Turn, Turns
from delivery.workflows.files import files
from delivery.workflows.gitlab_turns import turns_pipeline
from delivery.workflows.writing import written
from tests.app.support.business.delivery import DELIVERY
from tests.app.support.business.stages import STAGES
from tests.app.support.installed import environment
from tests.delivery.workflow_reading import (
    GITHUB,
    GITLAB,
    ROOT,
    gitlab_jobs,
    jobs,
    read,
    scripts,
    steps,
    workflows,
)

LINTER = ROOT / "node_modules" / "@tktco" / "node-actionlint" / "bin" / "node-actionlint.js"
GITLAB_SCHEMA = ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")
GITHUB_SCHEMA = ("--builtin-schema", "vendor.github-workflows")
TURN = Turn(
    number=1,
    stack="Prod-eu-west-1-Serving",
    id="Prod-eu-west-1/Serving",
    region="eu-west-1",
    alarms="arn:aws:cloudwatch:eu-west-1:333333333333:alarm:slow",
    bake=15,
    smoke="healthy",
)


def schema_fault(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Empty, if there is none."""
    try:
        code = check_schema.main(["--verbose", *arguments], standalone_mode=False)
    except SystemExit as end:
        code = end.code
    said = capsys.readouterr().out
    return said if code else ""


@pytest.fixture(params=["prod", "dev", "nothing"])
def turns_file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A pipeline that GitLab runs for a stage."""
    nothing = request.param == "nothing"
    target, stage = target_of("prod" if nothing else request.param)
    assert DELIVERY.gitlab
    found = Turns(() if nothing else (TURN,), ())
    file = tmp_path / "turns.yml"
    file.write_text(written(turns_pipeline(found, target, stage, DELIVERY.gitlab), "a test"), "utf-8")
    return file


def test_the_files_of_this_installation_are_those_of_its_configuration() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "delivery", "files", "--check"],
        cwd=ROOT, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (0, "all are current\n"), done.stderr


def test_jobs_are_told_which_folder_of_the_repository_is_the_configuration(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    where = {"RECS_CONFIG": "tests/app/support/business"}
    assert [flow["env"] for flow in workflows().values()] == [where] * len(workflows())
    assert where.items() <= read(GITLAB)["variables"].items()

    monkeypatch.setenv("RECS_CONFIG", str(ROOT / "tests/app/support/business"))
    with pytest.raises(NotDelivered, match="from the repository's root"):
        files()


def test_files_that_are_not_current_are_named_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["files"], tmp_path) == 0
    (tmp_path / ".gitlab-ci.yml").write_text("something else", encoding="utf-8")
    capsys.readouterr()

    assert main(["files", "--check"], tmp_path) == 1
    assert capsys.readouterr().out == ".gitlab-ci.yml: not current: run `python -m delivery files`\n"
    assert main(["files"], tmp_path) == 0
    assert main(["files", "--check"], tmp_path) == 0


def test_files_of_a_stage_that_is_no_longer_delivered_to_go_and_those_of_others_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["files"], tmp_path) == 0
    old, ours = (tmp_path / "delivery" / "roles" / name for name in ("old.github.yaml", "ours.yaml"))
    old.write_text((old.parent / "dev.github.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    ours.write_text("Resources: {}\n", encoding="utf-8")
    capsys.readouterr()

    assert main(["files", "--check"], tmp_path) == 1
    assert capsys.readouterr().out.startswith("delivery/roles/old.github.yaml: of no stage")
    assert main(["files"], tmp_path) == 0
    assert (old.exists(), ours.exists()) == (False, True)


def test_actionlint_finds_nothing_in_them_and_something_in_a_spoilt_one(tmp_path: Path) -> None:
    for file in GITHUB.glob("*.yml"):
        (tmp_path / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    spoilt = (GITHUB / "deploy.yml").read_text(encoding="utf-8").replace("needs.dev-turns", "needs.turns")
    (tmp_path / "spoilt.yml").write_text(spoilt, encoding="utf-8")

    done = subprocess.run(
        ["node", LINTER, str(tmp_path / "*.yml")], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert f"Checking {len(workflows()) + 1} workflow file(s)" in done.stdout
    found = [line.split("/")[-1] for line in done.stdout.splitlines() if re.search(r"\.yml:\d+:\d+ ", line)]
    assert found and all(line.startswith("spoilt.yml:") for line in found), done.stdout
    assert 'property "turns" is not defined' in done.stdout


def test_they_follow_the_schemas_of_github_and_gitlab(
    tmp_path: Path, turns_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoilt = tmp_path / "spoilt.yml"
    spoilt.write_text(
        GITLAB.read_text(encoding="utf-8").replace("strategy: depend", "strategy: hope"), "utf-8"
    )

    assert not schema_fault(capsys, *GITHUB_SCHEMA, *(str(file) for file in GITHUB.glob("*.yml")))
    assert not schema_fault(capsys, *GITLAB_SCHEMA, str(GITLAB), str(turns_file))
    assert "hope" in schema_fault(capsys, *GITLAB_SCHEMA, str(spoilt))


def test_all_that_they_run_is_a_script_of_bash(turns_file: Path) -> None:
    lines = [(name, step["run"]) for name, step in steps() if "run" in step]
    lines += [*scripts(read(GITLAB)), *scripts(read(turns_file))]
    for name, script in lines:
        parsed = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
        assert parsed.returncode == 0, (name, parsed.stderr)
    assert len(lines) > 20


def test_options_of_the_cdk_are_those_of_the_one_that_is_installed() -> None:
    cdk = ROOT / "node_modules" / ".bin" / "cdk"
    told = subprocess.run([cdk, "deploy", "--help"], capture_output=True, text=True, check=True).stdout
    used = {
        option
        for _, step in steps()
        for command in re.findall(r"^cdk deploy (?:[^\n]*\\\n)*[^\n]*", step.get("run", ""), re.MULTILINE)
        for option in re.findall(r"--[a-z-]+", command)
    }

    assert {
        "--method",
        "--rollback-trigger-alarm-arns",
        "--monitoring-time-minutes",
        "--change-set-name",
    } < used
    known = set(re.findall(r"--[a-z-]+", told)) | {"--no-color", "--no-notices"}
    assert used - known == set()


def test_actions_are_pinned_by_commit() -> None:
    used = {step["uses"] for _, step in steps() if "uses" in step}

    assert used
    assert [one for one in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", one)] == []
    text = (GITHUB / "deploy.yml").read_text(encoding="utf-8")
    assert len(re.findall(r"@[0-9a-f]{40}  # v\d+\.\d+\.\d+$", text, re.MULTILINE)) == text.count("uses: a")


def test_no_text_of_an_event_becomes_part_of_a_command() -> None:
    assert [name for name, step in steps() if "${{" in step.get("run", "")] == []


def test_code_of_a_pull_request_is_run_without_credentials() -> None:
    """Also that of a fork; and what may write comments is given none of it."""
    for name, flow in workflows().items():
        triggers = set(flow["on"])
        assert "pull_request_target" not in triggers, name
        if triggers & {"pull_request", "merge_group"}:
            assert flow["permissions"] == {"contents": "read"}, name
            assert "secrets." not in str(flow)
            assert all("permissions" not in job and "environment" not in job for job in flow["jobs"].values())
    comment = workflows()["review-comment.yml"]
    assert set(comment["on"]) == {"workflow_run"}
    assert comment["permissions"] == {}
    text = str(comment["jobs"])
    assert "checkout" not in text and "make" not in text and "id-token" not in text
    for name, step in steps():
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False, name


def test_credentials_are_lent_to_jobs_of_an_environment_only() -> None:
    lent = {name: job for name, job in jobs().items() if "id-token" in job.get("permissions", {})}
    called = {name: job for name, job in lent.items() if "uses" in job}

    assert all(job["permissions"] == {"contents": "read", "id-token": "write"} for job in lent.values())
    assert all("environment" in job for name, job in lent.items() if name not in called)
    assert len(called) == len(DELIVERY.targets)


def test_every_job_ends_some_day_and_every_workflow_has_its_turn() -> None:
    assert [name for name, job in jobs().items() if "timeout-minutes" not in job and "uses" not in job] == []
    alone = [name for name, flow in workflows().items() if "concurrency" not in flow]
    assert alone == ["deploy-stack.yml"], "which is called, and counts as its caller"
    assert workflows()["deploy.yml"]["concurrency"]["cancel-in-progress"] is False
    document = read(GITLAB)
    assert [
        n for n, job in gitlab_jobs(document).items() if "timeout" not in job and "trigger" not in job
    ] == []


def test_the_workflow_of_a_stack_is_given_what_it_asks_for() -> None:
    asked = workflows()["deploy-stack.yml"]["on"]["workflow_call"]["inputs"]
    given = [job["with"] for name, job in jobs().items() if "uses" in job]

    assert [set(one) for one in given] == [set(asked)] * len(DELIVERY.targets)
    turn = {field for one in given for field in re.findall(r"matrix\.turn\.(\w+)", str(one))}
    assert turn <= set(TURN.__dataclass_fields__)


def test_stages_come_one_after_the_other_and_one_stack_at_a_time() -> None:
    flow = workflows()["deploy.yml"]["jobs"]
    names = [target.stage for target in DELIVERY.targets]
    for before, stage in zip(["test", *names], names, strict=False):
        assert flow[f"{stage}-turns"]["needs"] == ["synth", before]
        assert flow[stage]["needs"] == [f"{stage}-turns"]
        assert flow[stage]["strategy"] | {"matrix": None} == {
            "fail-fast": True,
            "max-parallel": 1,
            "matrix": None,
        }
    document = read(GITLAB)
    assert [one for one in document["stages"] if one in names] == names
    for before, stage in pairwise(names):
        assert before in document[f"{stage}-turns"]["needs"]


def test_a_change_set_is_executed_as_shown_and_only_once_somebody_has_looked(turns_file: Path) -> None:
    stack = workflows()["deploy-stack.yml"]["jobs"]
    [execute] = [step for step in stack["execute"]["steps"] if step.get("name") == "Execute"]
    assert execute["env"]["CHANGE_SET_ID"] == "${{ needs.prepare.outputs.change_set_id }}"
    assert '--change-set-name "$CHANGE_SET_ID"' in execute["run"]
    assert (stack["prepare"]["environment"], stack["execute"]["environment"]) == (
        "${{ inputs.stage }}-changes",
        "${{ inputs.stage }}",
    )
    found: dict[str, Any] = gitlab_jobs(read(turns_file))
    manual = {name for name, job in found.items() if job.get("when") == "manual"}
    production = {s.name for s in STAGES if s.tier is Tier.PRODUCTION}
    if any(job.get("variables", {}).get("STAGE") in production for job in found.values()):
        assert manual == {f"execute {TURN.stack}"}
        assert found[f"execute {TURN.stack}"]["allow_failure"] is False
    else:
        assert not manual
