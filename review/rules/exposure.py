"""Secrets that stand where they can be read: in settings, outputs, parameters, and words of a template."""

import re
from collections.abc import Iterator
from typing import Any

from review.changes.canonical import sorted_sets
from review.changes.leaves import values_by_path, words
from review.changes.model import Change, Comparison, place_of
from review.ground.findings import Finding
from review.ground.saying import found

_RULE = "ACCESS-027"
_CALLED = re.compile(
    r"pass(word|wd|phrase)|(?<!dead_)secret|credential|private_?key|api_?key|access_?key|(auth|access|bearer|refresh)_?"
    r"token|(^|_)token$|(^|_)pwd$",
    re.I,
)
_OF_IT = re.compile(
    r"_?(arn|name|id|ids|url|uri|path|parameter|length|days|seconds|ttl|type|alias|policy|version|rotation|region|"
    r"enabled|prefix|stage|expiry|expiration|characters|punctuation|char|key|template|regions)$",
    re.I,
)
"""ends of names of what is about a secret, and is none"""
_LOOKS = re.compile(
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----|\w://[^/\s:@<>{}]+:[^/\s@<>{}]+@|"
    r"\b(?:password|pwd|passwd)=[^\s;&<>{}]+|\bgh[pousr]_\w{36}|\bxox[abp]-\w+|\bsk_live_\w+",
    re.I,
)
_RESOLVED = re.compile(r"\{\{resolve:(?:secretsmanager|ssm-secure):[^}]*\}\}")
_TAKES = re.compile(
    r"(?:Password|SecretString|AuthToken|SecretToken|SecretKey|ClientSecret|Credential|Credentials)$"
)
"""properties that are made for a secret: CloudFormation resolves a reference there, and shows it to nobody"""
_KEPT = "AWS::SecretsManager::Secret"
_TOLD_ONCE = re.compile(r"<\w+\.(?:SecretAccessKey|ClientSecret|SecretKey)>")
"""attributes that are secrets themselves"""
_INDEX = re.compile(r"\[\d+\]")
_WHOLE = 1_000_000


def secrets(change: Change) -> Iterator[Finding]:
    if change.goes:
        return
    old, new = (
        {**((side or {}).get("Properties") or {}), "Metadata": (side or {}).get("Metadata")}
        for side in (change.before, change.after)
    )
    known = _said(old)
    for path, value in values_by_path(new):
        text = _readable(path, value, change.type)
        if text and (_INDEX.sub("", path), words(value, _WHOLE)) not in known:
            yield found(_RULE, change, text)


def _readable(path: str, value: Any, type_: str) -> str:
    """What stands there, in words, without itself; empty, if it is no secret."""
    name = path.rpartition(".")[2]
    text = words(value, _WHOLE)
    variable = ".Variables." in f".{path}"
    if _LOOKS.search(text):
        return f"{path} holds what looks like a key or a password"
    if _RESOLVED.search(text) and (variable or not _TAKES.search(name)):
        return f"{path} takes the value of a secret, and shows it"
    if _TOLD_ONCE.search(text):
        return f"{path} shows {words(value)}"
    own = type_ == _KEPT and path == "SecretString"
    called = _CALLED.search(name) and not _OF_IT.search(name) and (variable or _TAKES.search(name))
    plain = isinstance(value, str) and value != "" and not re.match(r"arn:|\{\{resolve:|/|\w+/", value)
    return f"{path} is written out" if plain and (called or own) and not _switch(str(value)) else ""


def _switch(value: str) -> bool:
    return value.lower() in ("true", "false", "yes", "no", "on", "off", "none") or (
        value.isdigit() and len(value) < 4
    )


def sections(comparison: Comparison) -> Iterator[Finding]:
    """Of outputs, parameters, and what else a template says besides resources."""
    for name, stack in sorted(comparison.after.items()):
        if name not in comparison.sections and name in comparison.before:
            continue
        old = comparison.before[name].template if name in comparison.before else {}
        for text in [*_outputs(old, stack.template), *_parameters(old, stack.template)]:
            place = place_of(stack)
            yield Finding(rule=f"REVIEW-{_RULE}", place=place, subject=name, text=text, type="stack")


def _outputs(old: Any, new: Any) -> Iterator[str]:
    hidden = {
        name for name, one in new.get("Parameters", {}).items() if str(one.get("NoEcho")).lower() == "true"
    }
    for part in ("Outputs", "Mappings", "Metadata", "Description"):
        known = _said({part: sorted_sets(old.get(part))})
        for path, value in values_by_path({part: sorted_sets(new.get(part))}):
            text = words(value, _WHOLE)
            if (_INDEX.sub("", path), text) in known:
                continue
            shows = any(f"<{name}>" in text for name in hidden)
            if shows or any(one.search(text) for one in (_RESOLVED, _LOOKS, _TOLD_ONCE)):
                yield f"{path} shows a secret"


def _parameters(old: Any, new: Any) -> Iterator[str]:
    for name, one in sorted(new.get("Parameters", {}).items()):
        was = old.get("Parameters", {}).get(name, {})
        if one == was:
            continue
        quiet, before = (str(each.get("NoEcho")).lower() == "true" for each in (one, was))
        default = one.get("Default")
        called = bool(_CALLED.search(name)) and not _OF_IT.search(name)
        given = isinstance(default, str) and default != "" and not str(one.get("Type")).startswith("AWS::")
        if before and not quiet:
            yield f"parameter {name} is shown: NoEcho is gone"
        elif called and not quiet and not was:
            yield f"parameter {name} is shown: it is without NoEcho"
        if given and (called or quiet or _LOOKS.search(str(default))) and default != was.get("Default"):
            yield f"parameter {name} has its value written out, as its default"


def _said(value: Any) -> set[tuple[str, str]]:
    """Values in words by their paths, wherever they stand in a list."""
    return {(_INDEX.sub("", path), words(one, _WHOLE)) for path, one in values_by_path(value)}
