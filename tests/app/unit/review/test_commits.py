"""What is compared: folders of a synth as they are; what is none is refused with all reasons at once."""

import json
import shutil
import subprocess
from io import StringIO
from pathlib import Path

import pytest

from review.reading.assemblies import assembly_of
from review.report.building import Side, report_of
from review.report.command import main
from review.report.commits import ROOT, NoAssembly, assemblies_of, fork_of, is_commit
from review.report.policy import DEFAULT
from tests.support.reviewing import said

ACCOUNT = "1" * 12
POLICY = DEFAULT.relative_to(ROOT)


def assembly(folder: Path, **properties: str) -> Path:
    """One stack with a topic."""
    folder.mkdir()
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": properties}}}
    (folder / "Data.json").write_text(json.dumps(template))
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://{ACCOUNT}/eu-west-1",
        "displayName": "Shop-eu-west-1/Data",
        "properties": {"templateFile": "Data.json", "stackName": "Shop-eu-west-1-Data"},
    }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": {"Data": stack}}))
    return folder


def test_two_folders_are_compared_and_the_result_is_in_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = assembly(tmp_path / "a", KmsMasterKeyId="one"), assembly(tmp_path / "b")
    comment, found, text = tmp_path / "comment.md", tmp_path / "found.json", tmp_path / "description.md"
    options = ["--markdown", str(comment), "--json", str(found)]

    code = main([str(before), str(after), *options])

    assert code == 1 and "REVIEW-DATA-010" in comment.read_text(encoding="utf-8")
    assert json.loads(found.read_text(encoding="utf-8"))["failing"] == ["REVIEW-DATA-010"]
    assert capsys.readouterr().out.strip() == comment.read_text(encoding="utf-8").strip()
    text.write_text("acknowledge REVIEW-DATA-010: it holds nothing secret\n")
    assert main([str(before), str(after), *options, "--description", str(text), "--quiet"]) == 0
    assert "it holds nothing secret" in comment.read_text(encoding="utf-8")
    assert main([str(before), str(before), "--quiet"]) == 0


def test_what_is_nothing_to_compare_is_refused_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "nowhere"), "no-such-commit"]) == 2
    error = capsys.readouterr().err
    assert "nowhere" in error and "no-such-commit" in error

    policy = tmp_path / "policy.toml"
    policy.write_text("fail_on = 3")
    assert main([str(tmp_path), str(tmp_path), "--policy", str(policy)]) == 2
    assert "fail_on" in capsys.readouterr().err


def test_a_policy_that_names_no_stage_of_ours_is_refused_with_the_nearest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "review.toml"
    policy.write_text('[stages]\nLoacl = "note"\n')

    assert main([str(assembly(tmp_path / "a")), str(assembly(tmp_path / "b")), "--policy", str(policy)]) == 2
    told = capsys.readouterr().err
    assert str(policy) in told and "stages.Loacl" in told and "is Local meant?" in told


def test_a_description_is_a_file_or_comes_by_standard_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    encrypted = assembly(tmp_path / "a", KmsMasterKeyId="one")
    folders = [str(encrypted), str(assembly(tmp_path / "b")), "--quiet"]
    line = "acknowledge REVIEW-DATA-010: it holds nothing that is secret"
    monkeypatch.setattr("sys.stdin", StringIO(line))

    assert main(folders) == 1 and main([*folders, "--description", "-"]) == 0
    assert main([*folders, "--description", line]) == 2
    assert "name a file that holds the text, or -" in capsys.readouterr().err


def test_a_stack_that_the_manifest_names_no_longer_is_removed(tmp_path: Path) -> None:
    """Its files may lie there: nothing deploys them."""
    (tmp_path / "a").mkdir()
    nested = assembly(tmp_path / "a" / "assembly-Shop")
    artifact = {"type": "cdk:cloud-assembly", "properties": {"directoryName": nested.name}}
    named, left = tmp_path / "a", tmp_path / "b"
    shutil.copytree(named, left)
    for folder, artifacts in ((named, {"assembly-Shop": artifact}), (left, {})):
        (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))

    found = report_of(Side(estate=assembly_of(named)), Side(estate=assembly_of(left)))

    assert "PLAN-004" in said(found) and "Data" in said(found)["PLAN-004"][0]


def test_a_file_that_is_no_json_is_named_and_so_is_one_that_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, half = assembly(tmp_path / "a"), assembly(tmp_path / "b")
    assert main([str(whole), str(whole), "--json", str(tmp_path / "none" / "found.json")]) == 2
    assert "none/found.json" in capsys.readouterr().err

    (half / "Data.json").write_text('{"Resources": {"Top')
    assert main([str(whole), str(half)]) == 2
    assert f"{half}/Data.json: Unterminated string" in capsys.readouterr().err


def test_a_change_is_judged_by_the_policy_of_what_is_deployed(
    tmp_path: Path,
) -> None:
    """A working tree whose synth copies an assembly; the change brings a policy that nothing fails."""
    before, after = tmp_path / "before", tmp_path / "after"
    for tree, topic in ((before, {"KmsMasterKeyId": "one"}), (after, {})):
        (tree / POLICY).parent.mkdir(parents=True)
        made = assembly(tree / "made", **topic)
        (tree / "cdk.json").write_text(json.dumps({"app": "python app.py"}))
        copied = f"shutil.copytree({str(made)!r}, os.environ['CDK_OUTDIR'], dirs_exist_ok=True)"
        (tree / "app.py").write_text(f"import os, shutil\n{copied}\n")
    (after / POLICY).write_text('fail_on = "never"\n')

    assert main([str(before), str(after), "--quiet"]) == 1
    assert main([str(after), str(before), "--quiet"]) == 0
    (before / POLICY).write_text('fail_on = "never"\n')
    assert main([str(before), str(after), "--quiet"]) == 0


def test_a_synth_that_fails_says_why(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "cdk.json").write_text(json.dumps({"app": "python app.py"}))
    (broken / "app.py").write_text("raise SystemExit('stage prod: no such region')")
    scratch = tmp_path / "scratch"

    with pytest.raises(NoAssembly, match="stage prod: no such region"):
        with assemblies_of([str(assembly(tmp_path / "a")), str(broken)], scratch):
            pass


def test_a_commit_is_compared_with_where_it_left_the_base(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", "-C", str(tmp_path), *identity, *arguments], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    git("init", "--quiet", "--initial-branch", "main")
    git("commit", "--quiet", "--allow-empty", "--message", "first")
    first = git("rev-parse", "HEAD")
    git("checkout", "--quiet", "-b", "change")
    git("commit", "--quiet", "--allow-empty", "--message", "change")
    git("checkout", "--quiet", "main")
    git("commit", "--quiet", "--allow-empty", "--message", "meanwhile")

    assert is_commit("change", tmp_path) and not is_commit("nothing", tmp_path)
    assert fork_of("main", "change", tmp_path) == first


def test_a_commit_is_synthesised_as_it_was(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "of").mkdir(parents=True)
    (source / "cdk.json").write_text(json.dumps({"app": "python of/app.py"}))
    app = "import os, pathlib\nout = pathlib.Path(os.environ['CDK_OUTDIR'])\nout.mkdir()\n"
    app += "(out / 'made').write_text('{}')\n"
    (source / "of" / "app.py").write_text(app.format("once"))
    for arguments in (
        ["init", "--quiet"],
        ["add", "--all"],
        ["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", "once"],
    ):
        subprocess.run(["git", "-C", str(source), *arguments], check=True)
    (source / "of" / "app.py").write_text(app.format("later"))
    (tmp_path / "scratch").mkdir()

    with assemblies_of(["HEAD", str(source)], tmp_path / "scratch", source) as folders:
        assert [(folder / "made").read_text() for folder in folders] == ["once", "later"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("validation-report.json", {"pluginReports": 5}),
        ("validation-report.json", {"pluginReports": [{"violations": [1]}]}),
        ("validation-report.json", []),
        ("assembly-a/a.metadata.json", {"/Shop/Data": [1]}),
    ],
)
def test_a_file_that_no_synth_leaves_is_named(
    name: str, content: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = assembly(tmp_path / "a"), assembly(tmp_path / "b")
    (after / name).parent.mkdir(exist_ok=True)
    (after / name).write_text(json.dumps(content))

    assert main([str(before), str(after)]) == 2
    told = capsys.readouterr()
    assert str(after / name) in told.err and "synthesise anew" in told.err
    assert "Traceback" not in told.err and not told.out


def test_a_template_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = assembly(tmp_path / "a"), assembly(tmp_path / "b")
    (after / "Data.json").unlink()

    assert main([str(before), str(after)]) == 2
    error = capsys.readouterr().err
    assert str(after / "Data.json") in error and "synthesise anew" in error and "Traceback" not in error


def test_files_to_read_and_to_write_are_looked_at_before_anything_is_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = assembly(tmp_path / "a")
    nowhere = tmp_path / "nowhere" / "found.json"

    assert main([str(named), str(named), "--json", str(nowhere), "--whole", str(named)]) == 2
    told = capsys.readouterr()
    assert f"--json {nowhere}" in told.err and f"--whole {named} is a folder" in told.err and not told.out
    assert main([str(named), str(named), "--policy", str(nowhere)]) == 2
    error = capsys.readouterr().err
    assert f"the policy {nowhere} cannot be read" in error and "review.toml" in error
