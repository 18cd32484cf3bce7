"""The command line: `python -m personalize_server serve`, `backup` and `compatibility`."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from personalize_server.facts.failures import Damaged
from personalize_server.facts.made_to_fail import MadeToFail
from personalize_server.facts.options import Options
from personalize_server.facts.quotas import Quotas
from personalize_server.facts.rates import NO_LIMITS, SERVICE_RATES, Rates
from personalize_server.facts.timing import timing
from personalize_server.server.compatibility import document
from personalize_server.server.config_file import arguments_of
from personalize_server.server.start import serve
from personalize_server.state.backup import back_up

_LONGEST_DRAIN = 3600
_LAST_PORT = 65_535


def main(arguments: Sequence[str] | None = None) -> int:
    parser, serving = _parsers()
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        parsed = parser.parse_args(_with_config(given, serving))
        match parsed.command:
            case "compatibility":
                print(document(), end="")
                return 0
            case "backup":
                return _back_up(parsed.data, parsed.to)
        options = _options(parsed)
    except ValueError as problem:
        parser.error(str(problem))
    return serve(options)


def _back_up(data: Path, target: Path) -> int:
    """The exit code. Raises: ValueError, as back_up."""
    try:
        back_up(data, target)
    except (Damaged, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def _with_config(given: list[str], serving: argparse.ArgumentParser) -> list[str]:
    """The arguments with those of a --config file among them put in front."""
    finder = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    finder.add_argument("--config", type=Path)
    path = finder.parse_known_args(given)[0].config if given[:1] == ["serve"] else None
    return given if path is None else [*given[:1], *arguments_of(path, serving, given), *given[1:]]


def _parsers() -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    """The whole command line's, and that of the command `serve`."""
    parser = argparse.ArgumentParser(
        prog="python -m personalize_server", description="The Amazon Personalize API over our own engine."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("compatibility", help="what is the same as in the service, as Markdown")
    backup = commands.add_parser(
        "backup", help="copy the data folder of a server that may be running; the copy is one to serve from"
    )
    backup.add_argument("--data", type=Path, required=True, help="the server's folder")
    backup.add_argument("--to", type=Path, required=True, help="an empty folder, or one to be made")
    serve_ = commands.add_parser(
        "serve",
        help="answer requests",
        description="Answers control plane, runtime and events on one port until SIGTERM or Ctrl-C.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        allow_abbrev=False,
    )
    serve_.add_argument("--config", type=Path, metavar="FILE", help="TOML of any of these options; these win")
    serve_.add_argument("--host", default="127.0.0.1", help="address to listen on")
    serve_.add_argument("--port", type=int, default=8181, help="port to listen on; 0: any free one")
    serve_.add_argument("--data", type=Path, required=True, help="folder for state, data and models")
    serve_.add_argument(
        "--begin-anew",
        action="store_true",
        help="begin with nothing: move what the folder has to a folder aside-... within",
    )
    serve_.add_argument(
        "--trust-state",
        action="store_true",
        help="serve what the state file knows, even if it may not be that of the data: move the rest aside",
    )
    serve_.add_argument(
        "--s3-endpoint", help="where jobs read and write (default: Amazon S3); credentials as for boto3"
    )
    serve_.add_argument(
        "--file-root",
        type=Path,
        metavar="DIR",
        help="jobs read and write files below DIR instead of S3: s3://bucket/key is DIR/bucket/key",
    )
    serve_.add_argument(
        "--assume-roles",
        action="store_true",
        help="jobs read and write as their roleArn, by STS at --s3-endpoint (default: as the server itself)",
    )
    serve_.add_argument(
        "--timing",
        choices=("instant", "realistic"),
        default="instant",
        help="whether states take time as in the service",
    )
    serve_.add_argument(
        "--time-scale", type=float, default=1.0, help="factor on realistic times and on schedules"
    )
    serve_.add_argument(
        "--rate-limit",
        type=float,
        help="control-plane requests a second per operation, account and region "
        f"(default: none when instant, {SERVICE_RATES.control:g} when realistic; 0: none)",
    )
    serve_.add_argument(
        "--limit",
        action="append",
        default=[],
        metavar="NAME=N",
        help="another figure for requests a second of one kind, such as put_events=1000; may be repeated "
        "(default: none when instant, the service's quotas when realistic; 0: none)",
    )
    serve_.add_argument(
        "--quota",
        action="append",
        default=[],
        metavar="NAME=N",
        help="another figure for a quota, such as dataset_groups=20; may be repeated",
    )
    serve_.add_argument(
        "--fail",
        action="append",
        default=[],
        metavar="OPERATION=NAME",
        help="let what an operation begins end in CREATE FAILED, such as UpdateSolution=shop or "
        "CreateSolutionVersion=shop/*, for resources whose ARN ends so; may be repeated",
    )
    serve_.add_argument(
        "--access-keys",
        type=Path,
        metavar="FILE",
        help='JSON of those who may ask: {"<access key id>": {"secret": "...", "account": "<12 digits>"}}',
    )
    serve_.add_argument("--no-auth", action="store_true", help="accept requests without checking signatures")
    serve_.add_argument("--account", default="123456789012", help="account of requests, with --no-auth")
    serve_.add_argument("--region", default="us-east-1", help="region of requests that name none")
    serve_.add_argument("--workers", type=int, default=1, help="processes that answer requests")
    serve_.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="background jobs at once")
    serve_.add_argument(
        "--attribution-period",
        type=float,
        default=900.0,
        metavar="SECONDS",
        help="how often metric attributions report on events that come one by one",
    )
    serve_.add_argument("--max-request-bytes", type=int, default=6_000_000, help="size of a request's body")
    serve_.add_argument(
        "--read-timeout", type=float, default=60.0, help="seconds that a client may take to send a request"
    )
    serve_.add_argument(
        "--drain-seconds",
        type=float,
        default=0.0,
        help="how long to answer on after SIGTERM, with /ready saying no, so that a load balancer sees it",
    )
    serve_.add_argument("--log-level", choices=("debug", "info", "warning", "error"), default="info")
    return parser, serve_


def _options(parsed: argparse.Namespace) -> Options:
    if (parsed.access_keys is None) != parsed.no_auth:
        raise ValueError("say whose requests to accept: either --access-keys FILE or --no-auth")
    if parsed.file_root is not None and parsed.s3_endpoint is not None:
        raise ValueError("say where objects are: either --s3-endpoint URL or --file-root DIR")
    if parsed.file_root is not None and parsed.assume_roles:
        raise ValueError("--assume-roles is of objects in S3, and --file-root DIR has files instead")
    if parsed.file_root is not None and not parsed.file_root.is_dir():
        raise ValueError(f"--file-root {parsed.file_root}: there is no such folder")
    if not 0 <= parsed.port <= _LAST_PORT:
        raise ValueError(f"--port must be a whole number from 0 to {_LAST_PORT}, got {parsed.port}")
    if parsed.workers < 1 or parsed.jobs < 1:
        raise ValueError("--workers and --jobs must be at least 1")
    if not 0 <= parsed.drain_seconds <= _LONGEST_DRAIN:
        raise ValueError(f"--drain-seconds must be from 0 to {_LONGEST_DRAIN}")
    if not 0 < parsed.attribution_period <= 86_400:
        raise ValueError("--attribution-period must be more than 0 and at most a day, 86400")
    return Options(
        data=parsed.data,
        begin_anew=parsed.begin_anew,
        trust_state=parsed.trust_state,
        host=parsed.host,
        port=parsed.port,
        s3_endpoint=parsed.s3_endpoint,
        assume_roles=parsed.assume_roles,
        file_root=parsed.file_root.resolve() if parsed.file_root else None,
        timing=timing(parsed.timing, parsed.time_scale),
        quotas=Quotas().with_changes(dict(_named("quota", text) for text in parsed.quota)),
        rates=_rates(parsed),
        made_to_fail=MadeToFail(tuple(_failing(text) for text in parsed.fail)),
        access_keys=parsed.access_keys,
        account=parsed.account,
        region=parsed.region,
        workers=parsed.workers,
        jobs=min(parsed.jobs, os.cpu_count() or 1),
        attribution_period=parsed.attribution_period,
        max_request_bytes=parsed.max_request_bytes,
        read_timeout=parsed.read_timeout,
        drain_seconds=parsed.drain_seconds,
        log_level=parsed.log_level,
    )


def _rates(parsed: argparse.Namespace) -> Rates:
    given: dict[str, float] = dict(_named("limit", text) for text in parsed.limit)
    if parsed.rate_limit is not None:
        given["control"] = parsed.rate_limit
    return (SERVICE_RATES if parsed.timing == "realistic" else NO_LIMITS).with_changes(given)


def _named(what: str, text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if not number.isdigit():
        raise ValueError(f"a {what} is given as NAME=N, not {text!r}")
    return name, int(number)


def _failing(text: str) -> tuple[str, str]:
    operation, equals, name = text.partition("=")
    if not equals or not name:
        raise ValueError(f"what is to fail is given as OPERATION=NAME, not {text!r}")
    return operation, name


if __name__ == "__main__":
    sys.exit(main())
