"""An OpenID Connect issuer for tests: its two documents, and tokens that it signs."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey


def _key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, parameters={"kid": name, "use": "sig", "alg": "RS256"})


@dataclass
class Issuer:
    url: str
    key: RSAKey = field(default_factory=lambda: _key("first"))
    published: list[RSAKey] = field(default_factory=list)
    reads: int = 0

    def token(self, subject: str, *, key: RSAKey | None = None, **claims: Any) -> str:
        """Good for an hour for the audience `app`, unless the claims say otherwise; None leaves one out."""
        now = int(time.time())
        standard = {"iss": self.url, "sub": subject, "aud": "app", "iat": now, "exp": now + 3600}
        given = {name: value for name, value in {**standard, **claims}.items() if value is not None}
        signer = key or self.key
        return jwt.encode({"alg": "RS256", "kid": signer.kid}, given, signer)

    def change_key(self) -> None:
        self.key = _key(f"key-{len(self.published)}")
        self.published = [self.key]

    def documents(self) -> dict[str, Any]:
        keys = [key.as_dict(private=False) for key in self.published]
        return {
            "/.well-known/openid-configuration": {"issuer": self.url, "jwks_uri": f"{self.url}/keys"},
            "/keys": {"keys": keys},
        }


@contextmanager
def issuing() -> Iterator[Issuer]:
    """An issuer on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.reads += 1
            document = issuer.documents().get(self.path)
            self.send_response(200 if document else 404)
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        issuer = Issuer(f"http://localhost:{server.server_port}")
        issuer.published = [issuer.key]
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield issuer
        server.shutdown()
        thread.join()
