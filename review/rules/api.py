"""Routes, authorisers, limits, public access and addresses."""

from collections.abc import Iterator, Mapping
from typing import Any

from review.changes.leaves import leaf_differences, number, values_by_path, words
from review.changes.model import Change
from review.ground.findings import EVERYTHING, Finding
from review.ground.saying import found, leaves

ROUTES = ("AWS::ApiGatewayV2::Route", "AWS::ApiGateway::Method")
_AUTHORISERS = ("AWS::ApiGatewayV2::Authorizer", "AWS::ApiGateway::Authorizer")
_APIS = ("AWS::ApiGatewayV2::Api", "AWS::ApiGateway::RestApi")
_STAGES = ("AWS::ApiGatewayV2::Stage", "AWS::ApiGateway::Stage")
_WHO = ("AuthorizationType", "AuthorizerId", "AuthorizationScopes")
_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_LIMITS = ("ThrottlingBurstLimit", "ThrottlingRateLimit")

_REACHED: Mapping[str, tuple[str, ...]] = {
    "AssociatePublicIpAddress": ("true",),
    "MapPublicIpOnLaunch": ("true",),
    "AssignPublicIp": ("true", "enabled"),
    "PubliclyAccessible": ("true",),
    "Scheme": ("internet-facing",),
}
"""by property, wherever it stands: its values that give an address of its own"""


def routes(change: Change) -> Iterator[Finding]:
    if change.type in _AUTHORISERS and not change.is_new:
        said = [f"the authoriser is {change.how.value}", leaves(change, *change.properties)]
        yield found("ACCESS-010", change, "; ".join(filter(None, said)), EVERYTHING)
    if change.type not in ROUTES:
        return
    key = "RouteKey" if "Route" in change.type else "HttpMethod"
    if change.goes or change.differs(key):
        covers = EVERYTHING if change.goes else key
        yield found("ACCESS-013", change, "nobody answers it", covers, subject=words(change.old(key)))
    if change.goes:
        return
    old, new = (words(get("AuthorizationType") or "NONE") for get in (change.old, change.new))
    if new == "NONE" and (change.is_new or old != "NONE" or change.differs(key)):
        asked = "nobody is asked who they are" + ("" if change.is_new else f"; before: {old}")
        yield found("ACCESS-007", change, asked, *_WHO)
    elif change.is_new or change.differs(key):
        yield found("ACCESS-019", change, f"a new route: {new}", *_WHO)
    elif changed := [name for name in _WHO if change.differs(name)]:
        text = "; ".join(f"{name} {words(change.old(name))} → {words(change.new(name))}" for name in changed)
        yield found("ACCESS-010", change, text, *changed)
    if not change.is_new and change.differs("Target"):
        yield found("FLOW-008", change, "another integration answers it", "Target")


def apis(change: Change) -> Iterator[Finding]:
    if change.type not in _APIS or change.before is None:
        return
    if change.goes or change.how.value.endswith("replaced"):
        yield found(
            "ACCESS-013", change, f"the whole API is {change.how.value}: its address goes", EVERYTHING
        )
        return
    yield from _cors(change, "CorsConfiguration")
    name = "DisableExecuteApiEndpoint"
    if change.differs(name):
        opened = change.old(name) in (True, "true")
        text = "its own address answers again" if opened else "its own address answers no longer"
        yield found("ACCESS-017" if opened else "ACCESS-013", change, text, name)


def bucket_access(change: Change) -> Iterator[Finding]:
    if change.type != "AWS::S3::Bucket" or change.goes:
        return
    name = "PublicAccessBlockConfiguration"
    weaker = [
        one for one in _BLOCKS if _on(change.old(f"{name}.{one}")) and not _on(change.new(f"{name}.{one}"))
    ]
    missing = [
        one for one in _BLOCKS if change.new(name) is not None and not _on(change.new(f"{name}.{one}"))
    ]
    if weaker or (change.is_new and missing):
        yield found("ACCESS-008", change, f"off: {', '.join(weaker or missing)}", name)
    elif change.differs(name):
        yield found("ACCESS-018", change, "public access is blocked further", name)
    if change.differs("AccessControl") or (
        change.is_new and str(change.new("AccessControl")).startswith("Public")
    ):
        text = f"AccessControl {words(change.old('AccessControl'))} → {words(change.new('AccessControl'))}"
        yield found("ACCESS-008", change, text, "AccessControl")
    if change.differs("OwnershipControls"):
        yield found("ACCESS-008", change, leaves(change, "OwnershipControls"), "OwnershipControls")
    if change.new("WebsiteConfiguration") and (change.is_new or change.differs("WebsiteConfiguration")):
        yield found("ACCESS-017", change, "it is served as a web site", "WebsiteConfiguration")
    yield from _cors(change, "CorsConfiguration")


def _cors(change: Change, name: str) -> Iterator[Finding]:
    if change.is_new or not change.differs(name):
        return
    lost = change.new(name) is None
    rule = "ACCESS-018" if lost else "ACCESS-011"
    yield found(rule, change, leaves(change, name), name)


def stages(change: Change) -> Iterator[Finding]:
    """Of an API: limits, access logs, metrics."""
    if change.type not in _STAGES or change.before is None:
        return
    if change.goes:
        yield found("ACCESS-013", change, "the stage of the API is gone: nothing is answered", EVERYTHING)
        return
    for name in ("DefaultRouteSettings", "RouteSettings", "MethodSettings"):
        if name in change.properties:
            yield from _settings(change, name)
    for name in ("AccessLogSettings", "AccessLogSetting", "TracingEnabled"):
        if change.differs(name):
            yield found("WATCH-009", change, leaves(change, name), name)


def _settings(change: Change, name: str) -> Iterator[Finding]:
    for path, old, new in leaf_differences(*_limited(change, name), name):
        text = f"{path}: {words(old)} → {words(new)}"
        if any(limit in path for limit in _LIMITS):
            was, is_now = number(old), number(new)
            lower = is_now is not None and (was is None or is_now < was)
            yield found("REST-001" if lower else "ACCESS-012", change, text, name)
        elif path.endswith("DetailedMetricsEnabled"):
            yield found("WATCH-009", change, text, name)
        else:
            yield found("REST-001", change, text, name)
    yield found("REST-002", change, "", name)


def _limited(change: Change, name: str) -> tuple[Any, Any]:
    """Both sides; a route without limits of its own has those of all."""
    sides = []
    for get, other in ((change.old, change.new), (change.new, change.old)):
        routes = get(name) or {}
        if name == "RouteSettings":
            usual = get("DefaultRouteSettings") or {}
            routes = {route: usual for route in other(name) or {}} | routes
        sides.append(routes)
    return sides[0], sides[1]


def exposed(change: Change) -> Iterator[Finding]:
    """Addresses of functions, and ports open to everybody."""
    if change.goes:
        return
    if change.type == "AWS::Lambda::Url" and change.new("AuthType") == "NONE":
        yield found("ACCESS-017", change, "the function answers everybody", EVERYTHING)
    elif change.type == "AWS::Lambda::Url" and change.is_new:
        yield found("ACCESS-019", change, "the function has an address of its own", EVERYTHING)
    if change.type.startswith("AWS::EC2::SecurityGroup"):
        text = words([change.new("SecurityGroupIngress"), change.new("CidrIp"), change.new("CidrIpv6")], 500)
        if "0.0.0.0/0" in text or "::/0" in text:
            yield found("ACCESS-017", change, "a port is open to everybody", EVERYTHING)


def addresses(change: Change) -> Iterator[Finding]:
    """Of machines, tasks, databases and load balancers."""
    if change.goes:
        return
    before, after = ({*_addresses(change, side)} for side in ("before", "after"))
    for path in sorted(after - before):
        yield found("ACCESS-017", change, f"it has an address of its own on the internet, by {path}")


def _addresses(change: Change, side: str) -> Iterator[str]:
    resource = getattr(change, side) or {}
    for path, value in values_by_path(resource.get("Properties") or {}):
        if str(value).lower() in _REACHED.get(path.rpartition(".")[2], ()):
            yield path
    if side == "after" and change.is_new and change.type in ("AWS::EC2::EIP", "AWS::EC2::EIPAssociation"):
        yield change.type


def _on(value: Any) -> bool:
    return value in (True, "true")
