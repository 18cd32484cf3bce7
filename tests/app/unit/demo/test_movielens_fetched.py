"""MovieLens 100K: fetched, or refused."""

import io
import subprocess
import zipfile
from pathlib import Path

import pytest

from trial_data import movielens
from trial_data.movielens import MovieLensUnavailable


def wheel_with(names: list[str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "not the real thing")
    return buffer.getvalue()


def test_without_a_network_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nothing"))
    with pytest.raises(MovieLensUnavailable, match=r"(?s)could not be downloaded.*--data generated"):
        movielens.fetch(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_package_with_other_data_is_refused_and_nothing_is_cached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"recbole/dataset_example/ml-100k/ml-100k.{kind}" for kind in ("inter", "item", "user")]
    offer(tmp_path / "wheels", wheel_with(names), monkeypatch)
    with pytest.raises(MovieLensUnavailable, match=r"ml-100k.inter has 18 bytes instead of 1979230"):
        movielens.fetch(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_package_without_the_data_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offer(tmp_path / "wheels", wheel_with(["recbole/__init__.py"]), monkeypatch)
    with pytest.raises(MovieLensUnavailable, match=r"not the package that was expected.*ml-100k\.inter"):
        movielens.fetch(tmp_path / "cache")


def offer(wheels: Path, wheel: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """pip answers with this wheel."""

    def download(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        assert "--no-deps" in command and command[-1] == "recbole==1.2.1"
        Path(command[command.index("--dest") + 1], "recbole-1.2.1-py3-none-any.whl").write_bytes(wheel)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr("trial_data.movielens.subprocess.run", download)


def test_the_cache_is_outside_the_repository(tmp_path: Path) -> None:
    assert movielens.cache_folder({"XDG_CACHE_HOME": str(tmp_path)}).is_relative_to(tmp_path)
    assert not movielens.cache_folder({}).is_relative_to(Path(__file__).parents[4])
