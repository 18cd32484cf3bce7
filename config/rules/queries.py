"""What a dataset's SQL file must obey to be the inside of COPY (...) TO STDOUT."""

import re
from collections.abc import Iterator
from functools import partial

from config.types.errors import Problem
from config.types.use_case import Dataset, UseCase

_QUOTED_OR_COMMENT = re.compile(
    r"""
      (?P<text>   '(?:[^']|'')*' )
    | (?P<dollar> \$(?P<tag>\w*)\$.*?\$(?P=tag)\$ )
    | (?P<name>   "(?:[^"]|"")*" )
    | (?P<line>   --[^\n]* )
    | (?P<block>  /\*.*?\*/ )
    """,
    re.VERBOSE | re.DOTALL,
)
_LONGEST_QUERY = 50_000
"""Three queries travel in one state machine definition and each in a payload of at most 256 KB."""


def query_problems(use_case: UseCase) -> Iterator[Problem]:
    for type_, dataset in use_case.datasets.items():
        about = partial(Problem, f"use case {use_case.name}", f"{type_}.sql")
        if (dataset.sql is None) == (dataset.file is None):
            yield about(str(dataset.sql), "must be there, or else file=FileFormat.CSV or PARQUET; not both")
        if dataset.sql is None:
            continue
        try:
            query = dataset.query
        except OSError as error:
            yield about(str(dataset.sql.name), f"must be a readable file: {error.strerror}")
            continue
        except UnicodeDecodeError:
            yield about(str(dataset.sql.name), "must be UTF-8 text")
            continue
        for rule in broken_rules(query, dataset):
            yield about(dataset.sql.name, rule)


def broken_rules(query: str, dataset: Dataset) -> Iterator[str]:
    """What a query breaks of the rules, in words."""
    bare = _QUOTED_OR_COMMENT.sub(_without_contents, query)
    if not bare.strip():
        yield "is empty"
        return
    if len(query) > _LONGEST_QUERY:
        yield f"must not be longer than {_LONGEST_QUERY} characters; make a view of it"
    if bare.rstrip().endswith(";"):
        yield "must not end with a semicolon"
    if ";" in bare.rstrip().rstrip(";"):
        yield "must be a single statement"
    if not re.match(r"\s*(select|with|values|table)\b", bare, re.IGNORECASE):
        yield "must be a query: SELECT, WITH, VALUES or TABLE"
    if any(match["line"] and match.end() == len(query) for match in _QUOTED_OR_COMMENT.finditer(query)):
        yield "must not end in a -- comment, which would hide what follows the query"
    names = {match["name"] for match in _QUOTED_OR_COMMENT.finditer(query) if match["name"]}
    words = set(re.findall(r"\w+", bare))
    for column in dataset.columns:
        # PostgreSQL folds names without quotes to lower case, and the CSV header must equal the schema.
        unquoted = column.name.islower() and column.name in words
        if f'"{column.name}"' not in names and not unquoted:
            yield f'must answer with a column "{column.name}", quotes included'


def _without_contents(match: re.Match[str]) -> str:
    return " " if match["line"] or match["block"] else '""' if match["name"] else "''"
