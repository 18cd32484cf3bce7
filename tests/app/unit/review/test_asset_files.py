"""What assets are made of: by their contents where a synth left them, else by where it took them from."""

import json
from pathlib import Path
from typing import Any

from review.reading.assemblies import Stack, assembly_of
from tests.support.reviewing import reports, said

KEY = "0" * 64


def assembly(folder: Path, asset: str = f"asset.{KEY}", files: dict[str, str] | None = None) -> Path:
    """An assembly of one stack with one asset, and what is in it; None: its folder is not there."""
    folder.mkdir(parents=True)
    for name, content in (files or {}).items():
        file = folder / asset / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    destination = {"bucketName": "assets", "objectKey": f"{KEY}.zip"}
    source = {"path": asset, "packaging": "zip"}
    contents: dict[str, Any] = {
        "a.template.json": {"Resources": {"Key": {"Type": "AWS::KMS::Key"}}},
        "a.assets.json": {"files": {KEY: {"source": source, "destinations": {"one": destination}}}},
        "manifest.json": {
            "artifacts": {
                "a": {
                    **{"type": "aws:cloudformation:stack", "environment": "aws://111111111111/eu-west-1"},
                    **{"properties": {"templateFile": "a.template.json"}, "dependencies": ["a.assets"]},
                },
                "a.assets": {"type": "cdk:asset-manifest", "properties": {"file": "a.assets.json"}},
            }
        },
    }
    for name, content in contents.items():
        (folder / name).write_text(json.dumps(content))
    return folder


def found(before: dict[str, Stack], after: dict[str, Stack]) -> dict[str, list[str]]:
    return said(reports({"one": (before, after)})["one"])


def test_other_contents_under_the_same_name_are_said(tmp_path: Path) -> None:
    before = assembly_of(assembly(tmp_path / "a", files={"of/handler.py": "1"}))
    same = assembly_of(assembly(tmp_path / "b", files={"of/handler.py": "1"}))
    another = assembly_of(assembly(tmp_path / "c", files={"of/handler.py": "2"}))
    more = assembly_of(assembly(tmp_path / "d", files={"of/handler.py": "1", "more.py": ""}))

    assert found(before, same) == {}
    for after in (another, more):
        [text] = found(before, after)["ACCESS-024"]
        assert KEY in text and "of contents" in text


def test_files_that_are_not_there_any_more_are_said(tmp_path: Path) -> None:
    before = assembly_of(assembly(tmp_path / "a", files={"handler.py": "1"}))
    without = assembly_of(assembly(tmp_path / "b"))

    assert "which is not there" in found(before, without)["ACCESS-024"][0]
    assert found(without, before) == {} and found(without, without) == {}


def test_what_a_synth_without_staging_takes_from_its_working_tree_is_no_news(tmp_path: Path) -> None:
    tree, staged = tmp_path / "tree", assembly_of(assembly(tmp_path / "a", files={"handler.py": "1"}))
    (tree / "code").mkdir(parents=True)
    of_the_tree = assembly(tmp_path / "b", asset=str(tree / "code"))
    from_elsewhere = assembly(tmp_path / "c", asset=str(tmp_path / "code"))

    own, other = assembly_of(of_the_tree, tree), assembly_of(from_elsewhere, tree)
    assert found(staged, own) == found(own, staged) == found(own, own) == {}
    assert "outside of the assembly" in found(staged, other)["ACCESS-024"][0]
    assert "outside of the assembly" in found(own, other)["ACCESS-024"][0]
    assert "outside of the assembly" in found(staged, assembly_of(of_the_tree))["ACCESS-024"][0]
