"""Other accounts: what names one that nothing named before."""

import json
import re
from collections.abc import Iterator

from review.changes.model import Comparison
from review.ground.findings import Finding
from review.ground.saying import found
from review.rules.roles import IDENTITIES

_ACCOUNT = re.compile(r"\barn:[^:\"]*:[^:\"]*:[^:\"]*:(\d{12}):")
_NUMBER = re.compile(r'"\w*Account(?:Id)?": "(\d{12})"')
"""a member that names an account by its number, as destinations of copies and inventories do"""


def other_accounts(comparison: Comparison) -> Iterator[Finding]:
    """Policies and permissions are compared by what they allow."""
    candidates = []
    for change in comparison.changes:
        if change.goes or change.type in IDENTITIES or change.type.endswith(("Policy", "Permission")):
            continue
        properties = (change.after or {}).get("Properties") or {}
        more = {
            name: _named(json.dumps({name: value})) - {change.place.account}
            for name, value in properties.items()
            if not name.endswith("Policy")
        }
        if any(more.values()):
            candidates.append((change, more))
    if not candidates:
        return
    known = {one.account for estate in (comparison.before, comparison.after) for one in estate.values()}
    for stack in comparison.before.values():
        known |= _named(stack.text)
    for change, more in candidates:
        for name, accounts in sorted(more.items()):
            for account in sorted(accounts - known):
                text = f"{name} names the account {account}, which nothing did before"
                yield found("ACCESS-015", change, text)


def _named(text: str) -> set[str]:
    return {*_ACCOUNT.findall(text), *_NUMBER.findall(text)}
