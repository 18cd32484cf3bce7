"""The set-up, run as a command in a folder of its own, with a package and an npm that are made here."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from install import uv_settings
from tests.house.rooms import ROOT

WITHOUT_UV = "/usr/bin:/bin"
NPM = """#!python
import os, pathlib, sys
if pathlib.Path("package.json").read_text() == "broken":
    sys.exit("npm error: no such package as broken")
pathlib.Path("node_modules").mkdir(exist_ok=True)
pathlib.Path("node_modules/arguments").write_text(" ".join(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One wheel, which brings a module and something that is called npm."""
    folder = tmp_path_factory.mktemp("wheels")
    about = "tiny-1.0.dist-info"
    files = {
        "tiny.py": "",
        "tiny-1.0.data/scripts/npm": NPM,
        f"{about}/METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: here\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in [*files, f"{about}/RECORD"])
    with zipfile.ZipFile(folder / "tiny-1.0-py3-none-any.whl", "w") as wheel:
        for name, text in {**files, f"{about}/RECORD": record}.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o100755 << 16  # a file that may be run
            wheel.writestr(entry, text)
    return folder


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As little of a checkout as the set-up reads; its virtual environment is made once."""
    folder = tmp_path_factory.mktemp("checkout")
    ground = folder / "constructs" / "ground"
    ground.mkdir(parents=True)
    for name in ("pip_build.py", "layer_cache.py"):
        shutil.copy(ROOT / "constructs" / "ground" / name, ground)
    shutil.copy(ROOT / "install.py", folder)
    (folder / "lambda_src").mkdir()
    for name in ("requirements.txt", "requirements-dev.txt", "lambda_src/requirements-database.txt"):
        (folder / name).write_text("tiny==1.0\n")
    (folder / "package.json").write_text("{}")
    return folder


def install(
    checkout: Path, wheels: Path, *words: str, path: str = WITHOUT_UV, **environment: str
) -> subprocess.CompletedProcess[str]:
    settings = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "XDG_CACHE_HOME": str(checkout / "cache"),
        "UV_CACHE_DIR": str(checkout / "cache" / "uv"),
    }
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_", "PYTHON"))}
    return subprocess.run(
        [sys.executable, str(checkout / "install.py"), *words],
        env={**inherited, **settings, "PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def layers(checkout: Path) -> list[str]:
    found = (checkout / "cache" / "recommendations-as-code" / "layers").glob("*/python/*.py")
    return [path.name for path in found]


def test_without_uv_everything_is_installed_by_pip_and_each_step_is_said(
    checkout: Path, wheels: Path
) -> None:
    done = install(checkout, wheels)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("virtual environment ...\nvirtual environment: ")
    assert "uv cannot be used, pip takes its place" in done.stdout
    assert "Python packages of requirements.txt: " in done.stdout and "(pip)" in done.stdout
    assert list(checkout.glob(".venv/lib/*/site-packages/tiny.py"))
    assert (checkout / "node_modules" / "arguments").read_text().endswith("--omit=dev")
    assert layers(checkout) == ["tiny.py"]


@pytest.mark.skipif(not shutil.which("uv"), reason="uv could not be had when this was set up")
def test_uv_follows_pip_s_settings_and_the_tools_of_developers_are_installed_on_demand(
    checkout: Path, wheels: Path
) -> None:
    uv = Path(shutil.which("uv") or "").parent

    done = install(checkout, wheels, "--dev", path=f"{uv}:{WITHOUT_UV}")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "requirements.txt and requirements-dev.txt: " in done.stdout and "(uv)" in done.stdout
    assert "--omit=dev" not in (checkout / "node_modules" / "arguments").read_text()


def test_every_step_that_fails_is_said_with_its_command_what_it_printed_and_a_remedy(
    checkout: Path, wheels: Path
) -> None:
    (checkout / "package.json").write_text("broken")
    (checkout / "lambda_src" / "requirements-database.txt").write_text("missing==2.0\n")

    done = install(checkout, wheels)

    assert done.returncode == 1
    assert "Node packages of package-lock.json: " in done.stderr
    assert "npm error: no such package as broken" in done.stderr
    assert "Is the npm registry reached?" in done.stderr
    assert "packages of the functions' layers: " in done.stderr
    assert "No matching distribution found for missing==2.0" in done.stderr
    assert "Is the package index reached?" in done.stderr
    assert "Traceback" not in done.stderr
    assert layers(checkout) == ["tiny.py"], "what was built before stays"


def test_node_packages_of_another_copy_are_not_emptied_through_a_link(
    checkout: Path, wheels: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    theirs = tmp_path_factory.mktemp("theirs")
    (theirs / "package").touch()
    ours = checkout / "node_modules"
    shutil.rmtree(ours, ignore_errors=True)
    ours.symlink_to(theirs)

    done = install(checkout, wheels)
    ours.unlink()

    assert done.returncode == 1
    assert f"{ours} is a link to {theirs}, which npm would empty" in done.stderr
    assert [file.name for file in theirs.iterdir()] == ["package"]


def test_what_pip_was_told_uv_is_told_unless_it_was_told_otherwise() -> None:
    told = (
        ":env:.cert='/etc/ca.pem'\n"
        "global.index-url='https://packages.example/simple'\n"
        "global.extra-index-url='https://one.example/simple\\nhttps://two.example/simple'\n"
        "global.find-links='/wheels /more'\n"
        "install.no-index='true'\n"
        "download.timeout='9'\n"
        "list.format='json'\n"
    )

    assert uv_settings(told, {"UV_DEFAULT_INDEX": "https://mine.example"}) == {
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_NO_PROGRESS": "1",
        "UV_INDEX": "https://one.example/simple https://two.example/simple",
        "UV_FIND_LINKS": "/wheels,/more",
        "UV_NO_INDEX": "true",
        "SSL_CERT_FILE": "/etc/ca.pem",
    }
