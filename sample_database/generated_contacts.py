"""Generated contacts: where and in which language people want to hear of recommendations, or do not."""

import numpy as np

from sample_database.generated_people import COUNTRIES, People
from sample_database.tables import Record

_LANGUAGE_OF = {"DE": "de", "AT": "de", "CH": "de", "FR": "fr"}
_IN_APP, _PUSH, _EMAIL, _QUIET, _ADDRESS = 0.95, 0.7, 0.8, 0.03, 0.98
"""Shares of the people who agree to each channel, want to be left in peace, and have given an address."""


def records(rng: np.random.Generator, people: People) -> list[Record]:
    """Rows of the table contacts; the addresses are of a domain that is reserved for examples."""
    chances = rng.random((len(people), 5))
    in_app, push, email = (chances[:, n] < share for n, share in enumerate((_IN_APP, _PUSH, _EMAIL)))
    quiet, known = chances[:, 3] < _QUIET, chances[:, 4] < _ADDRESS
    return [
        (
            id_,
            f"member{id_}@example.com" if known[row] else None,
            _LANGUAGE_OF.get(COUNTRIES[people.countries[row]], "en"),
            bool(in_app[row]),
            bool(push[row]),
            bool(email[row]),
            bool(quiet[row]),
        )
        for row, id_ in enumerate(people.ids.tolist())
    ]
