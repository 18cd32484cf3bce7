"""Constructs on their own: what they refuse, and how layers are built."""

import subprocess
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from constructs.ground.access import Access, allow
from constructs.ground.pip_build import PipBuild
from constructs.ground.pip_layer import PipBundling
from constructs.workflow.waiting import Patience


def role() -> iam.Role:
    return iam.Role(cdk.Stack(), "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))


def test_a_wildcard_without_a_reason_is_refused() -> None:
    with pytest.raises(ValueError, match=r"s3:GetObject on .* needs a reason"):
        allow(role(), Access(actions=("s3:GetObject",), resources=("arn:aws:s3:::bucket/*",)))


def test_a_plain_resource_needs_no_reason() -> None:
    allow(role(), Access(actions=("s3:GetObject",), resources=("arn:aws:s3:::bucket/key",)))


@pytest.mark.parametrize(
    ("seconds", "hours", "rule"), [(59, 1, "at least 60 seconds"), (60, 0, "at least an hour")]
)
def test_impatience_is_refused(seconds: int, hours: int, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        Patience(seconds=seconds, hours=hours)


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    file = tmp_path / "requirements-some.txt"
    file.write_text("package==1.0\n")
    return file


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Stands in for pip: records its command lines, and installs one file."""
    commands: list[list[str]] = []

    def run(command: list[str], **_: Any) -> None:
        commands.append(command)
        target = Path(command[command.index("--target") + 1])
        target.mkdir(parents=True)
        (target / "package.py").write_text("")

    monkeypatch.setattr(subprocess, "run", run)
    return commands


def bundle(build: PipBuild, folder: Path) -> list[str]:
    options = cdk.BundlingOptions(image=cdk.DockerImage.from_registry("unused"))
    assert PipBundling(build).try_bundle(str(folder), options)
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.py"))


def test_packages_are_installed_where_lambda_looks_for_them(
    requirements: Path, pip: list[list[str]], tmp_path: Path
) -> None:
    build = PipBuild(requirements=requirements, cache=tmp_path / "cache")

    assert bundle(build, tmp_path / "out") == ["python/package.py"]


def test_wheels_are_for_lambda_s_platform_whatever_this_one_is(
    requirements: Path, pip: list[list[str]], tmp_path: Path
) -> None:
    PipBuild(requirements=requirements, cache=tmp_path / "cache").folder()

    [command] = pip
    assert "manylinux2014_aarch64" in command
    assert command[command.index("--python-version") + 1] == "3.13"
    assert "--no-deps" in command and command[command.index("--only-binary") + 1] == ":all:"


def test_a_second_build_needs_no_pip(requirements: Path, pip: list[list[str]], tmp_path: Path) -> None:
    for number in range(2):
        bundle(PipBuild(requirements=requirements, cache=tmp_path / "cache"), tmp_path / f"out{number}")

    assert len(pip) == 1


def test_other_requirements_are_another_build(
    requirements: Path, pip: list[list[str]], tmp_path: Path
) -> None:
    build = PipBuild(requirements=requirements, cache=tmp_path / "cache")
    before, _ = build.fingerprint, build.folder()
    requirements.write_text("package==2.0\n")

    assert build.fingerprint != before
    build.folder()
    assert len(pip) == 2


def test_a_failed_build_leaves_nothing_that_looks_finished(
    requirements: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(command: list[str], **_: Any) -> None:
        Path(command[command.index("--target") + 1]).mkdir(parents=True)
        raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(subprocess, "run", fail)

    with pytest.raises(subprocess.CalledProcessError):
        PipBuild(requirements=requirements, cache=tmp_path / "cache").folder()

    assert list((tmp_path / "cache").iterdir()) == []
