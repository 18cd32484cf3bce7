"""The configuration file: every option of the command line, which wins; all mistakes told at once."""

from pathlib import Path

import pytest

from personalize_server import cli
from personalize_server.facts.options import Options


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Options]:
    """What the server would have been started with."""
    found: list[Options] = []

    def serve(options: Options) -> int:
        found.append(options)
        return 0

    monkeypatch.setattr(cli, "serve", serve)
    return found


def config(tmp_path: Path, text: str) -> str:
    (tmp_path / "server.toml").write_text(text)
    return str(tmp_path / "server.toml")


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as caught:
        cli.main(["serve", *arguments])
    assert caught.value.code == 2
    return capsys.readouterr().err


def test_every_option_may_stand_in_the_file(tmp_path: Path, started: list[Options]) -> None:
    (tmp_path / "objects").mkdir()
    text = f"""
        host = "0.0.0.0"
        port = 9000
        data = "{tmp_path}/data"
        file-root = "{tmp_path}/objects"
        timing = "realistic"
        time-scale = 0.5
        rate_limit = 2
        no-auth = true
        account = "999999999999"
        region = "eu-west-1"
        workers = 3
        log-level = "debug"
        [quota]
        dataset_groups = 20
        event-trackers = 2
        [limit]
        put-events = 500
        runtime = 0
        [fail]
        UpdateSolution = "shop*"
    """
    assert cli.main(["serve", "--config", config(tmp_path, text)]) == 0
    [options] = started
    assert (options.host, options.port, options.data) == ("0.0.0.0", 9000, tmp_path / "data")
    assert options.file_root == tmp_path / "objects"
    assert (options.timing.name, options.timing.scale, options.rates.control) == ("realistic", 0.5, 2)
    assert (options.account, options.region) == ("999999999999", "eu-west-1")
    assert (options.quotas.dataset_groups, options.quotas.event_trackers) == (20, 2)
    assert (options.rates.put_events, options.rates.runtime, options.rates.campaign) == (500, 0, 500)
    assert options.log_level == "debug"
    assert options.made_to_fail.rules == (("UpdateSolution", "shop*"),)


def test_the_command_line_wins(tmp_path: Path, started: list[Options]) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text("{}")
    text = (
        f'port = 9000\ndata = "{tmp_path}"\nno-auth = true\ns3-endpoint = "http://s3"\n[quota]\nfilters = 3'
    )
    more = ["--access-keys", str(keys), "--file-root", str(tmp_path), "--quota", "filters=4"]
    cli.main(["serve", "--port", "9001", f"--config={config(tmp_path, text)}", *more])
    [options] = started
    assert (options.port, options.access_keys, options.quotas.filters) == (9001, keys, 4)
    assert (options.s3_endpoint, options.file_root) == (None, tmp_path)


def test_all_that_is_wrong_with_a_file_is_told_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = ('port = "x"', "no-auth = 1", "data = 7", 'timing = "slow"', "quota = 3", 'time-scale = ""')
    text = "\n".join(("prot = 1", 'config = "b"', *wrong, "fail = {UpdateSolution = 1}"))
    told = refused(capsys, "--config", config(tmp_path, text))
    for expected in (
        "there is no option prot, perhaps port",
        "port must be a whole number, not 'x'",
        "no-auth must be true or false, not 1",
        "data must be a text, not 7",
        "timing must be one of instant, realistic, not 'slow'",
        "quota must be a table of whole numbers",
        "fail must be a table of texts",
        "there is no option config",
        "time-scale must be a number, not ''",
    ):
        assert expected in told


def test_a_file_that_is_not_there_or_not_toml_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "none.toml" in refused(capsys, "--config", str(tmp_path / "none.toml"))
    assert "server.toml" in refused(capsys, "--config", config(tmp_path, "port = "))


def test_what_is_left_unsaid_or_said_twice_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "--data" in refused(capsys, "--no-auth")
    data = ("--data", str(tmp_path))
    assert "--access-keys FILE or --no-auth" in refused(capsys, *data)
    both = ("--no-auth", "--s3-endpoint", "http://s3", "--file-root", str(tmp_path))
    assert "either --s3-endpoint URL or --file-root DIR" in refused(capsys, *data, *both)
    roles = ("--no-auth", "--assume-roles", "--file-root", str(tmp_path))
    assert "--assume-roles is of objects in S3" in refused(capsys, *data, *roles)
    for fail, told in (
        ("UpdateSolution", "OPERATION=NAME"),
        ("DeleteFilter=x", "DeleteFilter cannot be made"),
    ):
        assert told in refused(capsys, *data, "--no-auth", "--fail", fail)
    assert "no such folder" in refused(capsys, *data, "--no-auth", "--file-root", str(tmp_path / "none"))
