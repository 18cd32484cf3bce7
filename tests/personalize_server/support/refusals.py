"""The code with which a call is refused."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

ACCOUNT = "arn:aws:personalize:eu-west-1:123456789012:"


def code(call: Any, **arguments: Any) -> str:
    """The error code that the call ends in."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return str(caught.value.response["Error"]["Code"])
