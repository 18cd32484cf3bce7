"""A client of the serving API that knows a stage's regions: to be copied into an application, or installed.

    client = RegionalClient(
        {"eu-west-1": "https://...", "eu-central-1": "https://..."}, signed(session.get_credentials())
    )
    answer = client.get("/v1/users/42/films", {"limit": "5"})

It uses nothing else of this repository, and needs botocore, which brings urllib3. The same for browsers,
React Native and Node.js is in `client_typescript/`.
"""

from .authorizing import bearer, signed
from .client import Answer, NoRegionAnswered, RegionalClient, segment

__all__ = ["Answer", "NoRegionAnswered", "RegionalClient", "bearer", "segment", "signed"]
