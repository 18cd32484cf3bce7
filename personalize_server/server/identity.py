"""Whose request it is, from its Signature Version 4 header."""

import re
from collections.abc import Mapping

from personalize_server.facts.options import Options
from personalize_server.state.context import Caller

_SCOPE = re.compile(
    r"Credential=[^/\s]+/\d{8}/((?=.{1,32}/)[a-z0-9]+(?:-[a-z0-9]+)*)/[a-z0-9-]+/aws4_request"
)


def caller_of(headers: Mapping[str, str], options: Options) -> Caller:
    """The region of the signature's scope; the account is the server's own."""
    match = _SCOPE.search(headers.get("authorization", ""))
    return Caller(options.account, match[1] if match else options.region)
