"""Signature Version 4, verified by signing the request again."""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from personalize_server.facts.errors import BadSignature, MissingAuthentication, UnknownClient
from personalize_server.state.context import Caller

_ALGORITHM = "AWS4-HMAC-SHA256"
_HEADER = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/\s]+)/(?P<date>\d{8})/(?P<region>[a-z0-9]+(?:-[a-z0-9]+)*)/"
    r"(?P<service>[a-z0-9-]+)/aws4_request,\s*SignedHeaders=(?P<signed>[a-z0-9;-]+),\s*"
    r"Signature=(?P<signature>[0-9a-f]{64})"
)
_PLAIN_PATH = re.compile(r"/[a-z-]*")
_SERVICE = "personalize"
_SKEW_SECONDS = 15 * 60
_NEEDED = {"host", "x-amz-date"}


@dataclass(frozen=True)
class AccessKey:
    secret: str
    account: str


@dataclass(frozen=True)
class SignedRequest:
    method: str
    path: str
    """with its query, as sent"""
    headers: Mapping[str, str]
    """by lower-case name"""
    body: bytes


class Verifier:
    """Knows the access keys of those who may ask, and the service that signatures must be meant for."""

    def __init__(
        self, keys: Mapping[str, AccessKey], clock: Callable[[], float], service: str = _SERVICE
    ) -> None:
        self._keys = keys
        self._clock = clock
        self._service = service

    def caller(self, request: SignedRequest) -> Caller:
        """Whose request it is.

        Raises: MissingAuthentication, BadSignature or UnknownClient, if the signature does not prove that.
        """
        match, key = self.check_head(request.headers)
        signed, timestamp = match["signed"].split(";"), request.headers["x-amz-date"]
        if not hmac.compare_digest(_signature(request, match, key, signed, timestamp), match["signature"]):
            raise BadSignature(
                "The request signature we calculated does not match the signature you provided. "
                "Check your secret access key and signing method."
            )
        return Caller(key.account, match["region"])

    def check_head(self, headers: Mapping[str, str]) -> tuple[re.Match[str], AccessKey]:
        """All that can be judged before the body has come: its signature's parts, and the key.

        Raises: MissingAuthentication, BadSignature or UnknownClient, if no body could make it valid.
        """
        header = headers.get("authorization")
        if header is None:
            raise MissingAuthentication("Missing Authentication Token")
        match = _HEADER.fullmatch(header)
        if match is None:
            raise BadSignature("The Authorization header is not one of AWS4-HMAC-SHA256.")
        key = self._keys.get(match["key"])
        if key is None:
            raise UnknownClient("The security token included in the request is invalid.")
        signed = match["signed"].split(";")
        timestamp = headers.get("x-amz-date", "")
        if not set(signed) >= _NEEDED or match["service"] != self._service or timestamp[:8] != match["date"]:
            raise BadSignature("The scope of the signature does not fit the request.")
        _check_all_signed(headers, signed)
        self._check_time(timestamp)
        return match, key

    def _check_time(self, timestamp: str) -> None:
        sent = _time_of(timestamp)
        if abs(sent - self._clock()) > _SKEW_SECONDS:
            raise BadSignature(f"Signature expired: {timestamp} is too far from the server's time.")


def _check_all_signed(headers: Mapping[str, str], signed: Collection[str]) -> None:
    """Headers of AWS's own, as the operation asked for, are the signer's or there is none of them."""
    for name in headers:
        if name.startswith("x-amz-") and name not in signed:
            raise BadSignature(f"'{name}' must be a 'SignedHeader' in the AWS Authorization.")


@lru_cache(maxsize=64)
def _time_of(timestamp: str) -> float:
    """Many requests are sent in the same second."""
    try:
        return datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise BadSignature("X-Amz-Date is not a time.") from None


def read_keys(path: Path) -> dict[str, AccessKey]:
    """From JSON: {"<access key id>": {"secret": "...", "account": "<12 digits>"}}.

    Raises: ValueError, if the file has anything else.
    """
    try:
        entries = json.loads(path.read_text())
        keys = {
            name: AccessKey(str(entry["secret"]), str(entry["account"])) for name, entry in entries.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"{path} does not hold access keys: {problem!r}") from None
    wrong = [name for name, key in keys.items() if not re.fullmatch(r"\d{12}", key.account) or not key.secret]
    if wrong or not keys:
        raise ValueError(f"{path} needs a secret and an account of 12 digits for every key: {wrong}")
    return keys


def _signature(
    request: SignedRequest, match: re.Match[str], key: AccessKey, signed: list[str], timestamp: str
) -> str:
    """As in the "Signature Version 4 signing process"."""
    digest = hashlib.sha256(request.body).hexdigest()
    if request.headers.get("x-amz-content-sha256", digest) != digest:
        raise BadSignature("X-Amz-Content-SHA256 is not the checksum of the body.")
    path, query = _canonical_url(request.path, match["service"], match["region"])
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in signed)
    canonical = f"{request.method}\n{path}\n{query}\n{headers}\n{match['signed']}\n{digest}"
    scope = f"{match['date']}/{match['region']}/{match['service']}/aws4_request"
    text = f"{_ALGORITHM}\n{timestamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signing_key = _signing_key(key.secret, match["date"], match["region"], match["service"])
    return hmac.digest(signing_key, text.encode(), "sha256").hex()


def _canonical_url(url: str, service: str, region: str) -> tuple[str, str]:
    """Path and query as they are signed; botocore knows how where they are not plain."""
    if _PLAIN_PATH.fullmatch(url):
        return url, ""
    signer = SigV4Auth(Credentials("", ""), service, region)
    lines = signer.canonical_request(AWSRequest("GET", f"http://host{url}", {}, b"")).split("\n")
    return lines[1], lines[2]


@lru_cache(maxsize=1024)
def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
