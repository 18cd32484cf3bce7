"""The backend of docs/serving-api.md: in fifteen lines, with nothing but boto3."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.client.support.servers import CREDENTIALS, serving

PAGE = Path(__file__).parents[2] / "docs" / "serving-api.md"


def test_the_documented_backend_is_taken_by_a_server_that_takes_only_botocores_signatures() -> None:
    [code] = re.findall(r"```python\n(import json.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    code += 'print(ask("POST", "/v1/events", {"events": [{"eventId": "mine"}]}))\n'

    with serving("eu-west-1") as servers:
        server = servers["eu-west-1"]
        keys = {
            "AWS_ACCESS_KEY_ID": CREDENTIALS.access_key,
            "AWS_SECRET_ACCESS_KEY": CREDENTIALS.secret_key,
            "AWS_SESSION_TOKEN": CREDENTIALS.token,
            "AWS_DEFAULT_REGION": "eu-west-1",
        }
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **keys, "API_URL": server.url},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    assert done.returncode == 0, done.stderr
    assert "/v1/users/196/posts?limit=5" in done.stdout
    assert server.events == ["mine"]
    assert len([line for line in code.splitlines() if line.strip()]) - 1 <= 15
