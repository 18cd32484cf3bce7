"""Whether somebody may still administer a key: rights by IAM count only where the key's policy says so.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
"""

from collections.abc import Sequence
from typing import Any

from review.access.verdicts import statements
from rights.errors import BadPolicy, Undecidable
from rights.statements import Effect, Statement

_CHANGE_POLICY = "kms:PutKeyPolicy"


def administered(documents: Sequence[Any], account: str, region: str = "") -> bool:
    """Whether a key's policy lets an account, a user or a role change it; conditions are taken to hold.

    True also where it cannot be told: that is said of the comparison.
    """
    try:
        known = statements(documents, account, region)
    except (Undecidable, BadPolicy, TypeError):
        return True
    concerned = [one for one in known if one.actions.match(_CHANGE_POLICY, {}, any_case=True)]
    denied = any(one.effect is Effect.DENY and _everybody(one) and not one.conditions for one in concerned)
    return not denied and any(one.effect is Effect.ALLOW and _of_people(one) for one in concerned)


def _of_people(one: Statement) -> bool:
    return _everybody(one) or (one.principals is not None and bool(one.principals.aws))


def _everybody(one: Statement) -> bool:
    return one.principals is not None and (one.principals.everyone or "*" in one.principals.aws)
