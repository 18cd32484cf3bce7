"""Names by which others come: records, domain names and their mappings, aliases of keys."""

from collections.abc import Iterator
from typing import Any

from review.changes.leaves import words
from review.changes.model import Change, Comparison
from review.ground.findings import EVERYTHING, Finding
from review.ground.saying import found, leaves

_RECORDS = ("AWS::Route53::RecordSet", "AWS::Route53::RecordSetGroup")
_DOMAINS = ("AWS::ApiGatewayV2::DomainName", "AWS::ApiGateway::DomainName")
_MAPPINGS = ("AWS::ApiGatewayV2::ApiMapping", "AWS::ApiGateway::BasePathMapping")
_ALIAS, _KEYS = "AWS::KMS::Alias", ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")
_OLD_TLS = "TLS_1_0"
_MUTUAL = "MutualTlsAuthentication"
_QUIET = ("Comment", "Tags")


def records(change: Change) -> Iterator[Finding]:
    """What names of a zone of Route 53 lead to."""
    if change.type not in _RECORDS:
        return
    if change.is_new or change.goes:
        get = change.new if change.is_new else change.old
        sets = [
            _led(one) for one in get("RecordSets") or [(change.after or change.before or {})["Properties"]]
        ]
        text = "; ".join(f"{name} leads to {where}" for name, where in sets)
        yield found("ACCESS-022", change, text if change.is_new else f"no longer: {text}", EVERYTHING)
    elif names := [name for name in change.properties if name not in ("TTL", *_QUIET)]:
        yield found("ACCESS-022", change, leaves(change, *names), *names)


def _led(record: Any) -> tuple[str, str]:
    alias = (record.get("AliasTarget") or {}).get("DNSName")
    where = [alias] if alias is not None else record.get("ResourceRecords") or []
    return f"{words(record.get('Name'))} ({words(record.get('Type'))})", ", ".join(map(words, where))


def domains(change: Change) -> Iterator[Finding]:
    """Domain names of APIs, how safe connections by them are, and which API each leads to."""
    if change.type in _MAPPINGS:
        text = f"leads to {words(change.new('ApiId') or change.new('RestApiId'))}"
        text = "leads nowhere" if change.goes else text if change.is_new else ""
        names = [name for name in change.properties if name not in _QUIET]
        if text or names:
            covers = [EVERYTHING] if text else names
            domain = words(change.old("DomainName") or change.new("DomainName"))
            said = text or leaves(change, *names)
            yield found("ACCESS-022", change, said, *covers, subject=domain)
    if change.type not in _DOMAINS:
        return
    if change.is_new or change.goes:
        text = "an address of its own" if change.is_new else "the name is answered no longer"
        yield found("ACCESS-022", change, text, EVERYTHING)
    if change.goes:
        return
    old, new = (_policies(change, get) for get in (change.old, change.new))
    if _OLD_TLS in new and _OLD_TLS not in old:
        yield found("ACCESS-023", change, f"connections by {_OLD_TLS} are accepted", "SecurityPolicy")
    if change.old(_MUTUAL) and not change.new(_MUTUAL):
        yield found("ACCESS-023", change, "no certificate is asked for any more", _MUTUAL)


def _policies(change: Change, get: Any) -> set[str]:
    """Security policies that the domain name has, each a version of TLS and its ciphers."""
    configurations = get("DomainNameConfigurations") or []
    return {
        words(one.get("SecurityPolicy"))
        for one in [*configurations, {"SecurityPolicy": get("SecurityPolicy")}]
    }


def aliases(comparison: Comparison) -> Iterator[Finding]:
    """Of keys: whoever encrypts by the alias does it with what it leads to."""
    for change in comparison.of_types(_ALIAS):
        if (change.stack, change.logical_id) in comparison.moved:
            continue
        if change.goes:
            yield found("ACCESS-022", change, "no key has that name any more")
        elif change.is_new:
            target = change.new("TargetKeyId")
            resources = comparison.after[change.stack].template["Resources"]
            if resources.get(_referred(target), {}).get("Type") not in _KEYS:
                yield found("ACCESS-022", change, f"leads to {words(target)}, which is no key of this stack")


def _referred(value: Any) -> str:
    """The logical id that a value is of, or nothing."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            return name
        case _:
            return ""


def aliases_seen(change: Change) -> Iterator[Finding]:
    if change.type != _ALIAS:
        return
    if change.is_new or change.goes:
        yield found("REST-003", change, "", EVERYTHING)
    elif change.differs("TargetKeyId"):
        text = f"what is encrypted by it is by another key: {leaves(change, 'TargetKeyId')}"
        yield found("DATA-010", change, text, "TargetKeyId")
