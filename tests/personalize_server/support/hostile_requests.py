"""Malformed and hostile requests by families: mutated, nearly right, or no HTTP at all."""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from personalize_server.facts.service_model import operations
from tests.personalize_server.support.hostile import Hostile, Requests, http
from tests.personalize_server.support.model_requests import broken, sample

_TEXTS = (
    *("", " ", "\0", "a\0b", "\n", "\r\n\r\n", "../" * 40, "..%2f..%2fetc/passwd", "/etc/passwd", "\\\\x\\y"),
    *("'; DROP TABLE resources; --", '" OR 1=1 --', "${jndi:ldap://x}", "{{7*7}}", "%s%n%x", "<script>"),
    *("file:///etc/passwd", "s3://../../etc/passwd", "s3://b/../../../x", "s3://a..b/\0", "http://[::1]/"),
    *("\u202e\u0000\uffff", "\U0001f600" * 50, "e\u0301" * 200, "nan", "Infinity", "-0", "1e999", "$LATEST"),
    *("arn:aws:personalize:::recipe/aws-sims", "arn:aws:personalize:*:*:*", "arn:" + ":" * 200),
    *(
        "rate(0 days)",
        "rate(1 day)",
        "rate(99999999999999999999 days)",
        "cron(* * * * ? *)",
        "(" * 500,
        "((a+)+)+$" * 20,
    ),
    "INCLUDE ItemID WHERE " + "Items.A IN (" * 100,
    'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("' + '","'.join("x" * 500) + '")',
    json.dumps({"type": "record", "name": "Users", "fields": [{"name": "x", "type": ["null"] * 50}]}),
    json.dumps({"type": "record", "name": "Items", "fields": "nothing"}),
    '{"type":' * 200 + "1" + "}" * 200,
)
_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**400, 0.1, -0.0, 1e308, 1e-320),
    *([], {}, [[]], [None], {"": None}, {"a": {"b": {"c": []}}}, [1] * 2000, {"x" * 70_000: 1}),
)
_PATHS = (
    *(b"/", b"//", b"/..", b"/../../etc/passwd", b"/%2e%2e/%2e%2e/etc/passwd", b"/events/../events", b"*"),
    *(b"/events?a=b", b"/events#x", b"/events%00", b"/\xff\xfe", b"http://elsewhere/events", b"/health/../x"),
    *(b"/metrics/", b"/recommendations;x", b"/%", b"/%zz", b"/" + b"a" * 5000, b"/" + b"a/" * 30_000),
)
_METHODS = (b"GET", b"PUT", b"DELETE", b"HEAD", b"OPTIONS", b"TRACE", b"CONNECT", b"PATCH", b"get", b"X" * 99)
_AUTHORIZATIONS = (
    *(
        b"Basic x",
        b"AWS4-HMAC-SHA256",
        b"AWS4-HMAC-SHA256 Credential=////",
        b"\xff" * 100,
        b"Bearer " + b"x" * 9000,
    ),
    b"AWS4-HMAC-SHA256 Credential=A/20260101/"
    + b"x" * 5000
    + b"/personalize/aws4_request, SignedHeaders=a, Signature=0",
    b"AWS4-HMAC-SHA256 Credential=A/20269999/../../aws4_request, SignedHeaders=host;x-amz-date, Signature="
    + b"0" * 64,
)


def hostile_requests(seed: int, valid: Requests) -> Iterator[Hostile]:
    """Without end; `valid` are requests that succeed, by operation, so that some get further."""
    rng = random.Random(seed)
    weights = [weight for _, weight in _FAMILIES]
    while True:
        [(family, _)] = rng.choices(_FAMILIES, weights)
        yield family(rng, valid)


def _mutated(rng: random.Random, value: Any) -> Any:
    """With something at a random place replaced."""
    if rng.random() < 0.25 or not isinstance(value, dict | list) or not value:
        length = rng.choice((1, 3, 64, 200, 1001, 20_001, 150_000))
        return rng.choice((*_TEXTS, *_VALUES, "x" * length, str(rng.random()), rng.random() * 10))
    if isinstance(value, list):
        return [_mutated(rng, value[0]), *value[1:]]
    key = rng.choice(list(value))
    return {**value, key: _mutated(rng, value[key])}


def _name(rng: random.Random) -> str:
    return rng.choice(sorted(operations()))


def _model(rng: random.Random, valid: Requests) -> Hostile:
    name = _name(rng)
    value = sample(operations()[name].model.input_shape)
    for _ in range(rng.randint(1, 3)):
        value = _mutated(rng, value)
    return Hostile("model mutated", (http(name, _json(value)),))


def _nearly(rng: random.Random, valid: Requests) -> Hostile:
    """A request that would succeed, with one more member or with values of the right type replaced."""
    name = rng.choice(sorted(valid))
    value = dict(valid[name])
    full = sample(operations()[name].model.input_shape)
    if full:
        more = rng.choice(sorted(full))
        value.setdefault(more, full[more])
    if rng.random() < 0.7:
        value = _plausible(rng, value)
    return Hostile("nearly valid", (http(name, _json(value)),))


def _plausible(rng: random.Random, value: Any) -> Any:
    match value:
        case dict() if value:
            key = rng.choice(sorted(value))
            return {**value, key: _plausible(rng, value[key])}
        case list():
            return rng.choice(([], value * 2, [*value[1:], *(_plausible(rng, entry) for entry in value[:1])]))
        case bool():
            return not value
        case str():
            short = "x" * rng.choice((1, 63, 64, 200, 256, 1000))
            return rng.choice(
                (*_TEXTS, short, value + "x", value[:-1], value.upper(), f"n{rng.random()}"[:9])
            )
        case int() | float():
            return rng.choice((0, 1, -1, 5, 100, 500, 501, 0.5, 1e9, 2**40, 2**63 - 1, 1e308))
        case _:
            return None


def _constraint(rng: random.Random, valid: Requests) -> Hostile:
    name = _name(rng)
    shape = operations()[name].model.input_shape
    requests = [case.request for case in broken(shape, sample(shape))] or [[]]
    return Hostile("constraint broken", (http(name, _json(rng.choice(requests))),))


def _bytes(rng: random.Random, valid: Requests) -> Hostile:
    body = rng.randbytes(rng.choice((0, 1, 7, 100, 5000, 70_000)))
    return Hostile("random body", (http(_name(rng), body),))


def _damaged(rng: random.Random, valid: Requests) -> Hostile:
    name = _name(rng)
    body = bytearray(_json(sample(operations()[name].model.input_shape)))
    for _ in range(rng.randint(1, 5)):
        body[rng.randrange(len(body))] = rng.randrange(256)
    return Hostile("JSON damaged", (http(name, bytes(body[: rng.randint(1, len(body))])),))


def _deep(rng: random.Random, valid: Requests) -> Hostile:
    depth = rng.choice((100, 990, 1000, 10_000, 200_000))
    opening, closing = rng.choice(((b"[", b"]"), (b'{"a":', b"}"), (b'{"name":[', b"]}")))
    body = opening * depth + (b"1" + closing * depth if rng.random() < 0.5 else b"")
    return Hostile("deep JSON", (http(_name(rng), body),))


def _path(rng: random.Random, valid: Requests) -> Hostile:
    line = rng.choice((b"POST", *_METHODS)) + b" " + rng.choice(_PATHS) + b" HTTP/1.1\r\n"
    head = b"host: x\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"
    return Hostile("path or method", (line + head,))


def _headers(rng: random.Random, valid: Requests) -> Hostile:
    more = rng.choice(
        (
            *[b"authorization: " + text for text in _AUTHORIZATIONS],
            *(b"content-length: 3", b"content-length: -1", b"content-length: x", b"content-length: 1e3"),
            *(b"content-length: 99999999999999999999", b"transfer-encoding: chunked", b"x: " + b"y" * 90_000),
            *(b"x-amz-target: " + b"\xff" * 300, b"x-amz-target: AmazonPersonalize.__class__", b": empty"),
            *(b"no colon", b"x : y", b" folded", b"\0: \0", b"expect: 100-continue", b"upgrade: websocket"),
            *(b"content-encoding: gzip", b"host: \xff", b"x-amz-date: never", b"transfer-encoding: gzip"),
            b"\r\n".join(b"h%d: v" % number for number in range(rng.choice((50, 3000, 9000)))),
            *(b"x" * 100_000 + b": y", b"cookie: " + b"z" * 2_000_000),
        )
    )
    return Hostile("headers", (http(_name(rng), b"{}", more),))


def _length(rng: random.Random, valid: Requests) -> Hostile:
    whole = http(_name(rng), b'{"maxResults": 5}')
    said = rng.choice((b"0", b"3", b"16", b"18", b"5000"))
    return Hostile(
        "wrong length", (whole.replace(b"content-length: 17", b"content-length: " + said),), half_close=True
    )


def _chunked(rng: random.Random, valid: Requests) -> Hostile:
    head = http(_name(rng), b"").replace(b"content-length: 0", b"transfer-encoding: chunked")
    chunks = rng.choice(
        (
            *(
                (b"2\r\n{}\r\n0\r\n\r\n",),
                (b"1\r\n{\r\n", b"1\r\n}\r\n0\r\n\r\n"),
                (b"zz\r\n{}\r\n",),
                (b"-1\r\n",),
            ),
            *((b"ffffffffffffffff\r\n{}",), (b"2;" + b"x" * 9000 + b"\r\n{}\r\n0\r\n\r\n",), (b"0\r\n\r\n",)),
            *((b"2\r\n{}0\r\n\r\n",), (b"0\r\nx: y\r\n\r\n",)),
        )
    )
    return Hostile("chunked", (head, *chunks), pause=0.002, half_close=True)


def _slow(rng: random.Random, valid: Requests) -> Hostile:
    whole = http(_name(rng), b'{"maxResults": 5}')
    cut = rng.randint(1, len(whole) - 1)
    pieces = (whole[:cut], whole[cut : cut + 1], whole[cut + 1 :])
    return Hostile("slow client", pieces, pause=rng.uniform(0.005, 0.05))


def _leaves(rng: random.Random, valid: Requests) -> Hostile:
    whole = http(_name(rng), b'{"maxResults": 5}')
    return Hostile("leaves midway", (whole[: rng.randint(1, len(whole) - 1)],), half_close=True)


def _huge(rng: random.Random, valid: Requests) -> Hostile:
    name, megabyte = _name(rng), b"x" * 1_000_000
    if rng.random() < 0.5:
        return Hostile("huge body", (http(name, b'{"name": "' + megabyte * 7 + b'"}'),))
    head = http(name, b"").replace(b"content-length: 0", b"transfer-encoding: chunked")
    return Hostile("huge body", (head, *[b"f4240\r\n" + megabyte + b"\r\n"] * 8), half_close=True)


def _noise(rng: random.Random, valid: Requests) -> Hostile:
    noise = rng.choice(
        (
            rng.randbytes(rng.choice((1, 50, 3000))),
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + rng.randbytes(200),
            *(
                b"GET / HTTP/9.9\r\n\r\n",
                b"GET /\r\n\r\n",
                b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                b"\r\n" * 2000,
            ),
            *(b"POST / HTTP/1.1\r\n\r\n", b"POST / HTTP/1.0\r\ncontent-length: 2\r\n\r\n{}", b"GET"),
        )
    )
    return Hostile("not HTTP", (noise,), half_close=True)


def _framing(rng: random.Random, valid: Requests) -> Hostile:
    """Where two readers may see different ends of a request, and so different requests after it."""
    name = _name(rng)
    plain, smuggled = http(name, b"{}").replace(b"connection: close\r\n", b""), http(name, b'{"a": 1}')
    head, _, body = plain.partition(b"content-length: 2\r\n")
    chunked = b"2\r\n{}\r\n0\r\n\r\n"
    header = rng.choice(
        (
            *(b"transfer-encoding: chunked\r\n", b"transfer-encoding: chunked\r\ncontent-length: 4\r\n"),
            *(b"content-length: 2\r\ncontent-length: 60\r\n", b"content-length: 2, 60\r\n"),
            *(b"transfer-encoding : chunked\r\n", b"transfer-encoding: \x0bchunked\r\n"),
            *(b"transfer-encoding: chunked, identity\r\n", b"transfer-encoding: xchunked\r\n"),
            *(b"content-length: 2\r\nTransfer-Encoding:\r\n chunked\r\n", b"content-length: 0x2\r\n"),
            *(b"content-length: 2\n", b"x: y\rcontent-length: 2\r\n", b"host: elsewhere\r\n"),
        )
    )
    content = body if rng.random() < 0.5 else b"\r\n" + chunked
    return Hostile("framing", (head + header + content + smuggled,), half_close=True)


def _pipelined(rng: random.Random, valid: Requests) -> Hostile:
    """Many requests before an answer is read."""
    name = rng.choice(("ListSchemas", "ListDatasetGroups", "DescribeFilter"))
    one = http(name, b"{}").replace(b"connection: close\r\n", b"")
    return Hostile("pipelined", (one * rng.choice((2, 20, 300)) + rng.choice((b"", one[:-3], b"\0")),))


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


_FAMILIES: tuple[tuple[Callable[[random.Random, Requests], Hostile], int], ...] = (
    *(
        (_model, 20),
        (_nearly, 25),
        (_constraint, 10),
        (_bytes, 5),
        (_damaged, 8),
        (_deep, 4),
        (_path, 6),
        (_headers, 8),
    ),
    *((_length, 4), (_chunked, 4), (_slow, 2), (_leaves, 3), (_huge, 1), (_noise, 5)),
    *((_framing, 5), (_pipelined, 1)),
)
