"""The review as one note of a merge request in GitLab: written once, and changed from then on."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import urllib3

from delivery.ground.errors import NotDelivered

MARK = "<!-- recommendations-review -->"
"""By which the note is found again."""
_NEEDED = ("CI_API_V4_URL", "CI_PROJECT_ID", "CI_MERGE_REQUEST_IID", "REVIEW_TOKEN")
_PAGE = 100


@dataclass(frozen=True)
class MergeRequest:
    """url: of its notes in GitLab's API. token: of a project access token that may write notes."""

    url: str
    token: str

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "MergeRequest":
        """Of the job's variables. Raises: NotDelivered, if one is not there."""
        missing = [name for name in _NEEDED if not environment.get(name)]
        if missing:
            raise NotDelivered(f"no note can be written without {', '.join(missing)}")
        api, project, request, token = (environment[name] for name in _NEEDED)
        return cls(f"{api}/projects/{project}/merge_requests/{request}/notes", token)

    def write(self, text: str) -> str:
        """Whether the note is `written` or `changed`. Raises: NotDelivered, if GitLab refuses."""
        body = f"{MARK}\n{text}"
        for note in self._notes():
            if str(note["body"]).startswith(MARK):
                self._ask("PUT", f"{self.url}/{note['id']}", body)
                return "changed"
        self._ask("POST", self.url, body)
        return "written"

    def _notes(self) -> Iterator[Mapping[str, Any]]:
        page = 1
        while True:
            query = urlencode({"per_page": _PAGE, "page": page, "sort": "asc", "order_by": "created_at"})
            notes = self._ask("GET", f"{self.url}?{query}")
            yield from notes
            if len(notes) < _PAGE:
                return
            page += 1

    def _ask(self, method: str, url: str, body: str | None = None) -> Any:
        headers = {"PRIVATE-TOKEN": self.token, "Content-Type": "application/json"}
        content = None if body is None else json.dumps({"body": body})
        with urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(total=30)) as pool:
            try:
                answer = pool.request(method, url, body=content, headers=headers)
            except urllib3.exceptions.HTTPError as error:
                raise NotDelivered(f"{method} {url}: {error}") from error
        if answer.status >= 300:
            raise NotDelivered(f"{method} {url}: {answer.status}")
        return json.loads(answer.data)
