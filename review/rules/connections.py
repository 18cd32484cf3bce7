"""Connections that are less secure, and names of other things that a setting or a reference leads to."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from review.changes.leaves import change_in_words, values_by_path, words
from review.changes.model import Change, Comparison, place_of
from review.ground.findings import Finding
from review.ground.saying import found
from review.reading.assemblies import Stack
from review.reading.templates import Template

_SAFETY = re.compile(r"ssl|tls|https|verif|encrypt|insecure|cert_?check|rejectunauthorized", re.I)
_AGAINST = re.compile(
    r"disable|skip|insecure|ignore|without|trust|optional|plaintext|(?:^|_)(?:no|allow)(?:_|$)", re.I
)
"""in the name of a setting: it takes away from safety where it is on"""
_WORDS: Mapping[str, int] = {
    **dict.fromkeys(("off", "disable", "disabled", "none", "false", "0", "no", "plaintext", "plain", ""), 0),
    **dict.fromkeys(("allow", "optional", "prefer", "preferred", "opportunistic"), 1),
    **dict.fromkeys(("on", "require", "required", "true", "1", "yes", "enable", "enabled"), 2),
    **dict.fromkeys(("verify-ca", "verify_ca"), 3),
    **dict.fromkeys(("verify-full", "verify_full", "verify_identity", "strict"), 4),
}
"""how safe: libpq's modes, https://www.postgresql.org/docs/current/libpq-ssl.html, MySQL's, and switches"""
_REQUIRED = 2
_IN_TEXT = re.compile(
    r"\b(sslmode|ssl-mode|ssl_mode|usessl|requiressl|ssl|tls|encrypt|verifyservercertificate|"
    r"trustservercertificate)=([\w-]+)",
    re.I,
)
_PLAIN = ("http", "ldap", "redis", "amqp", "mqtt", "ws", "ftp", "smtp")
_TRUSTING = re.compile(
    r"^(PGSSLROOTCERT|SSL_CERT_(FILE|DIR)|\w*_CA_BUNDLE|NODE_EXTRA_CA_CERTS|\w*_CA_CERTS?)$"
)
_BY_WAY_OF = re.compile(r"^(AWS_ENDPOINT_URL\w*|(HTTPS?|ALL)_PROXY|AWS_STS_REGIONAL_ENDPOINTS|\w+_proxy)$")
_ADDRESS = re.compile(
    r"(?:^|_)(ARN|URL|URI|HOST|ENDPOINT|SECRET|PARAMETER|BUCKET|TABLE|QUEUE|TOPIC|STREAM|DATABASE|DSN|ADDRESS|"
    r"DOMAIN|GROUP|CAMPAIGN|KEY_ID)(?:$|_(?:ARN|NAME|ID|URL)$)"
)
_LEADING = re.compile(r"^(arn:|https?://|/[\w-]+/|\w+://)")
_DYNAMIC = re.compile(r"\{\{resolve:(ssm|ssm-secure|secretsmanager):[^}]*\}\}")
_VARIABLES = "Environment.Variables"
_LOOKED_UP = "AWS::SSM::Parameter::"
_BOOTSTRAP = "BootstrapVersion"

Leaves = Mapping[str, str]
"""values in words, by path"""


def connections(change: Change) -> Iterator[Finding]:
    """What is encrypted, or verified, less than before, by settings of any resource."""
    if change.goes:
        return
    old, new = (dict(_leaves(_properties(side))) for side in (change.before, change.after))
    for path in sorted({*old, *new}):
        name, was, is_now = path.rpartition(".")[2], old.get(path), new.get(path)
        if was != is_now and (text := _weaker(name, was, is_now, variable=_VARIABLES in path)):
            yield found("ACCESS-023", change, text)


def _weaker(name: str, was: str | None, is_now: str | None, *, variable: bool) -> str:
    """In words; empty, if it is no less secure."""
    said = f"{name}: {change_in_words(was, is_now)}"
    if variable and _TRUSTING.match(name):
        return f"{said}: other certificates are trusted"
    if variable and _BY_WAY_OF.match(name):
        return f"{said}: calls go another way"
    if _SAFETY.search(name):
        before, after = _safety(name, was), _safety(name, is_now)
        if after is not None and (after < _REQUIRED if before is None else after < before):
            return said if before is not None or variable else ""
        if is_now is None and before is not None and before >= _REQUIRED:
            return f"{said}: the default counts"
        return ""
    ways = [{key.lower(): value for key, value in _IN_TEXT.findall(text or "")} for text in (was, is_now)]
    for key, value in ways[1].items():
        before, after = _safety(key, ways[0].get(key)), _safety(key, value)
        if after is not None and (after < _REQUIRED if before is None else after < before):
            return f"{name}: {key}={value}"
    for scheme in _PLAIN:
        safely = str(was).startswith(f"{scheme}s://") or (
            variable and was is None and "localhost" not in str(is_now)
        )
        if str(is_now).startswith(f"{scheme}://") and safely:
            return f"{said}: nothing is encrypted"
    lost = [
        key
        for key, value in ways[0].items()
        if key not in ways[1] and (_safety(key, value) or 0) >= _REQUIRED
    ]
    return f"{name}: no {lost[0]} any more" if lost and is_now is not None else ""


def _safety(name: str, value: str | None) -> int | None:
    rank = None if value is None else _WORDS.get(value.strip().lower())
    if rank is None or not _AGAINST.search(name):
        return rank
    return _REQUIRED if rank == 0 else 0


def references(change: Change) -> Iterator[Finding]:
    """Variables, parameters and dynamic references that lead to something else than before."""
    if change.is_new or change.goes:
        return
    old, new = (dict(_leaves(_properties(side))) for side in (change.before, change.after))
    for path in sorted(old.keys() & new.keys()):
        name, was, is_now = path.rpartition(".")[2], old[path], new[path]
        variable = _VARIABLES in path and (_ADDRESS.search(name) or _LEADING.match(was))
        value = change.type == "AWS::SSM::Parameter" and path == "Value"
        if was != is_now and (variable or value):
            yield found("ACCESS-022", change, f"{name}: {change_in_words(was, is_now)}", *(["Value"] * value))
    before, after = ({*_dynamic(side)} for side in (change.before, change.after))
    if before and after - before:
        text = change_in_words(", ".join(sorted(before - after)), ", ".join(sorted(after - before)))
        yield found("ACCESS-022", change, f"the value of {text}")


def sections(comparison: Comparison) -> Iterator[Finding]:
    """Parameters whose values are looked up, and the version of the bootstrap that a stack asks for."""
    for name in sorted(comparison.before.keys() & comparison.after.keys()):
        stack = comparison.after[name]
        yield from _given(comparison.before[name].parameters, stack)
        if name not in comparison.sections:
            continue
        old, new = (
            side[name].template.get("Parameters", {}) for side in (comparison.before, comparison.after)
        )
        for parameter in sorted({*old, *new}):
            was, is_now = old.get(parameter), new.get(parameter)
            if was == is_now:
                continue
            kinds = [str((one or {}).get("Type")) for one in (was, is_now)]
            if parameter != _BOOTSTRAP and not any(one.startswith(_LOOKED_UP) for one in kinds):
                continue
            rule = "ACCESS-024" if parameter == _BOOTSTRAP else "ACCESS-022"
            text = f"parameter {parameter}: {change_in_words(_default(was), _default(is_now))}"
            yield _of_stack(rule, stack, text)
        before, after = (
            {*_dynamic(_besides(side[name].template))} for side in (comparison.before, comparison.after)
        )
        if before and after - before:
            text = change_in_words(", ".join(sorted(before - after)), ", ".join(sorted(after - before)))
            yield _of_stack("ACCESS-022", stack, f"the value of {text}")


def _given(before: Mapping[str, str], stack: Stack) -> Iterator[Finding]:
    """Values of parameters that a stack is deployed with; what follows from them is found in resources."""
    for parameter in sorted({*before, *stack.parameters}):
        was, is_now = before.get(parameter), stack.parameters.get(parameter)
        if was != is_now:
            kind = str(stack.template.get("Parameters", {}).get(parameter, {}).get("Type"))
            rule = "ACCESS-022" if kind.startswith(_LOOKED_UP) else "REST-006"
            rule = "ACCESS-024" if parameter == _BOOTSTRAP else rule
            text = f"it is deployed with {parameter}: {change_in_words(was, is_now)}"
            yield _of_stack(rule, stack, text)


def _of_stack(rule: str, stack: Stack, text: str) -> Finding:
    return Finding(rule=f"REVIEW-{rule}", place=place_of(stack), subject=stack.name, text=text, type="stack")


def _default(parameter: Any) -> Any:
    return None if parameter is None else parameter.get("Default", "a value that somebody gives")


def _besides(template: Template) -> Any:
    return {name: part for name, part in template.items() if name not in ("Resources", "Metadata")}


def _properties(resource: Any) -> Any:
    return (resource or {}).get("Properties") or {}


def _leaves(value: Any) -> Iterator[tuple[str, str]]:
    """Values by path, in words."""
    for path, one in values_by_path(value):
        yield path, str(one).lower() if isinstance(one, bool) else words(one, 1_000_000)


def _dynamic(value: Any) -> Iterator[str]:
    for _, text in _leaves(value):
        yield from (match[0] for match in _DYNAMIC.finditer(text))
