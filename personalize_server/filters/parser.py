"""From the text of a filter expression to its value, by recursive descent."""

import re
from dataclasses import dataclass
from functools import lru_cache

from personalize_server.filters.grammar import (
    WILDCARD,
    Condition,
    Filter,
    FilterError,
    Literal,
    Placeholder,
    Reference,
    Rule,
    Value,
)

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>"(?:[^"\\]|\\.)*")
    | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?![A-Za-z_]))
    | (?P<placeholder>\$[A-Za-z0-9_]+)
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<symbol><=|>=|!=|[=<>(),.|*])
    )""",
    re.VERBOSE,
)
_TARGETS = {"ITEMID": "ItemID", "ACTIONID": "ActionID", "USERID": "UserID"}
_DATASETS = ("INTERACTIONS", "ITEMS", "USERS", "ACTIONS", "ACTION_INTERACTIONS")
_SUBJECTS = ("CURRENTUSER", "CURRENTITEM")
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_PREFIX = "Could not create filter."


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str

    @property
    def upper(self) -> str:
        return self.text.upper() if self.kind in ("word", "symbol") else ""


@lru_cache(maxsize=1024)
def parse_filter(text: str) -> Filter:
    return _Parser(_tokens(text)).filter()


def parse_values(text: str) -> tuple[Literal, ...]:
    """The value of a filter parameter: quoted values and numbers, separated by commas."""
    parser = _Parser(_tokens(text))
    values = parser.literals()
    parser.expect_end()
    return values


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise FilterError(f"{_PREFIX} Invalid input symbol: {text[at:].strip()[:20]}.")
        kind = str(match.lastgroup)
        tokens.append(_Token(kind, match[kind]))
        at = match.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def filter(self) -> Filter:
        rules = [self._rule()]
        while self._take("|"):
            rules.append(self._rule())
        self.expect_end()
        if len({rule.target for rule in rules}) > 1:
            raise FilterError(f"{_PREFIX} All expressions must filter the same kind of id.")
        return Filter(tuple(rules))

    def literals(self) -> tuple[Literal, ...]:
        values = [self._literal()]
        while self._take(","):
            values.append(self._literal())
        return tuple(values)

    def expect_end(self) -> None:
        if self._at < len(self._tokens):
            raise self._unexpected("the end of the expression")

    def _rule(self) -> Rule:
        verb = self._one_of("EXCLUDE", "INCLUDE")
        target = self._one_of(*_TARGETS)
        self._one_of("WHERE")
        groups = [[self._condition(_DATASETS)]]
        while connective := self._take("AND", "OR"):
            condition = self._condition(_DATASETS)
            if condition.dataset != groups[0][0].dataset:
                raise FilterError(
                    f"{_PREFIX} Conditions joined with AND or OR must use the dataset of the first one; "
                    "chain whole expressions with |."
                )
            if connective == "AND":
                groups[-1].append(condition)
            else:
                groups.append([condition])
        only_if = []
        if self._take("IF"):
            only_if.append(self._condition(("CURRENTUSER",)))
            while self._take("AND"):
                only_if.append(self._condition(("CURRENTUSER",)))
        return Rule(verb == "INCLUDE", _TARGETS[target], tuple(map(tuple, groups)), tuple(only_if))

    def _condition(self, datasets: tuple[str, ...]) -> Condition:
        dataset = self._one_of(*datasets, shown="a dataset")
        self._one_of(".")
        field = self._word("a field")
        if self._take("NOT"):
            self._one_of("IN")
            operator = "NOT IN"
        else:
            operator = self._one_of("IN", *_COMPARISONS)
        values = self._list() if operator.endswith("IN") else (self._value(),)
        for value in values:
            self._check(value, operator, dataset, field)
        return Condition(dataset, field, operator, values)

    def _check(self, value: Value, operator: str, dataset: str, field: str) -> None:
        if isinstance(value, Placeholder) and operator == "NOT IN":
            raise FilterError(
                f"{_PREFIX} Invalid input symbol: ${value.name}. "
                "Placeholders are not allowed with NOT_IN operator."
            )
        wild = isinstance(value, Literal) and not value.quoted and value.value == WILDCARD
        event_type = dataset.endswith("INTERACTIONS") and field.upper() == "EVENT_TYPE"
        if wild and not event_type:
            raise FilterError(f"{_PREFIX} Invalid input symbol: *. It stands only for event types.")

    def _list(self) -> tuple[Value, ...]:
        if not self._take("("):
            return (self._value(),)
        values = [self._value()]
        while self._take(","):
            values.append(self._value())
        self._one_of(")")
        return tuple(values)

    def _value(self) -> Value:
        token = self._peek()
        if token and token.kind == "placeholder":
            self._at += 1
            return Placeholder(token.text[1:])
        if token and token.upper in _SUBJECTS:
            self._at += 1
            self._one_of(".")
            return Reference(token.upper, self._word("a field"))
        return self._literal()

    def _literal(self) -> Literal:
        token = self._peek()
        if token and token.kind == "string":
            self._at += 1
            return Literal(re.sub(r"\\(.)", r"\1", token.text[1:-1]), quoted=True)
        if token and (token.kind == "number" or token.text == WILDCARD):
            self._at += 1
            return Literal(token.text, quoted=False)
        raise self._unexpected("a value")

    def _word(self, shown: str) -> str:
        token = self._peek()
        if token is None or token.kind != "word":
            raise self._unexpected(shown)
        self._at += 1
        return token.text

    def _peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, *texts: str) -> str | None:
        token = self._peek()
        if token is None or token.upper not in texts:
            return None
        self._at += 1
        return token.upper

    def _one_of(self, *texts: str, shown: str | None = None) -> str:
        found = self._take(*texts)
        if found is None:
            raise self._unexpected(shown or " or ".join(texts))
        return found

    def _unexpected(self, wanted: str) -> FilterError:
        token = self._peek()
        if token is None:
            return FilterError(f"{_PREFIX} The expression ends where {wanted} is expected.")
        return FilterError(f"{_PREFIX} Invalid input symbol: {token.text}. Expected {wanted}.")
