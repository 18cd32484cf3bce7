"""What was synthesised from the same sources is not synthesised again."""

import os
from pathlib import Path

import pytest

from local_cloud.lifecycle.assemblies import MOST, KeptAssemblies, checksum, kept_in


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    for name in ("app.py", "config/use_cases/posts/interactions.sql", "tests/test_app.py", ".git/HEAD"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def assembly(folder: Path, text: str) -> Path:
    (folder / "assembly-Local").mkdir(parents=True)
    (folder / "manifest.json").write_text(text)
    (folder / "assembly-Local" / "Data.template.json").write_text(text)
    return folder


def content(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("change", ["app.py", "config/use_cases/posts/interactions.sql", "config/new.json"])
def test_any_file_that_a_synth_may_read_makes_other_sources(sources: Path, change: str) -> None:
    before = checksum("app", sources)
    (sources / change).write_text("changed")
    assert checksum("app", sources) != before


def test_so_do_a_file_that_is_gone_another_command_and_a_setting_of_the_cdk(
    sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {checksum("app", sources), checksum("other app", sources)}
    monkeypatch.setenv("CDK_DEFAULT_REGION", "eu-west-3")
    found.add(checksum("app", sources))
    (sources / "app.py").unlink()
    found.add(checksum("app", sources))
    assert len(found) == 4


def test_tests_and_hidden_folders_and_where_it_lies_do_not(sources: Path) -> None:
    before = checksum("app", sources)
    (sources / "tests" / "test_app.py").write_text("changed")
    (sources / ".git" / "HEAD").write_text("changed")
    assert checksum("app", sources.rename(sources.with_name("elsewhere"))) == before


def test_a_copy_is_put_in_place_of_what_was_there(tmp_path: Path) -> None:
    kept, place = KeptAssemblies(tmp_path / "kept"), tmp_path / "cdk.out"
    assert not kept.take("a" * 64, place)
    kept.keep("a" * 64, assembly(tmp_path / "made", "one"))
    assembly(place, "old").joinpath("left over").write_text("")
    assert kept.take("a" * 64, place)
    assert content(place) == content(tmp_path / "made")
    (place / "manifest.json").write_text("changed")
    assert kept.take("a" * 64, place) and content(place) == content(tmp_path / "made")


def test_the_last_used_are_kept(tmp_path: Path) -> None:
    kept, keys = KeptAssemblies(tmp_path / "kept"), [letter * 64 for letter in "abc"]
    assert MOST == 2
    for at, key in enumerate(keys[:2]):
        kept.keep(key, assembly(tmp_path / key, key))
        os.utime(tmp_path / "kept" / key, (at, at))
    assert kept.take(keys[0], tmp_path / "cdk.out")
    kept.keep(keys[2], assembly(tmp_path / keys[2], "c"))
    assert [kept.take(key, tmp_path / "cdk.out") for key in keys] == [True, False, True]


def test_a_folder_that_cannot_be_written_to_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file")
    kept = KeptAssemblies(tmp_path / "kept")
    kept.keep("a" * 64, assembly(tmp_path / "made", "one"))
    assert not kept.take("a" * 64, tmp_path / "cdk.out")


def test_they_lie_in_the_cache_of_the_user(tmp_path: Path) -> None:
    assert kept_in({"XDG_CACHE_HOME": str(tmp_path)}).is_relative_to(tmp_path)
