"""JSONata: our evaluation beside the reference implementation, and what was measured on AWS."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_cloud.interpreter.queries.evaluation import EvaluationError, evaluate
from tests.support.reference_jsonata import answers

VARIABLES: dict[str, Any] = {
    "n": 5,
    "null": None,
    "nested": {"null": None, "list": [None, 1]},
    "list": [1, 2, 3],
    "rows": [{"o": {"z": 2}, "k": "b"}, {"o": {"z": 1}, "k": "a"}, {"o": {"z": 2}, "k": "c"}],
    "object": {"a": 1, "b": "x"},
    "mixed": [1, "a"],
    "text": "abc",
}
EXPRESSIONS = r"""
5.5 % 2
-7 % 3
[1..3]
[1..5][-1]
$count([1..3])
[1,2,3][-1]
$string(1e20)
$string(1e21)
$string(0.1 + 0.2)
$string(1e-7)
$string(0.000001)
$string(5890840712243076)
$string({"a": [1, null, "x"]}, true)
$string({"infinite": 1/0})
$string(1/0)
$null
$nested
$exists($null)
$nested.list[0]
$count($nested.list)
$type($null)
$lookup($nested, 'null')
$merge([$nested, {'y': 1}])
$rows.o.z
$rows[o.z = 2].k
$rows^(o.z).k
$rows^(>o.z, k).k
$rows{ k: $sum(o.z) }
$sort($rows, function($l, $r) { $l.o.z > $r.o.z }).k
$sort($rows, function($l, $r) { $l.o.z < $r.o.z }).k
$sort([3, 1, 2])
$sort([1, 'a'])
$sort($rows)
$sum($mixed)
$sum('a')
$abs('x')
$missing
[$missing, 1]
{'a': $missing}
$split('a1b22c', /[0-9]+/)
$split('a, b, c', ', ', 2)
$split('abc', '')
$split('a', 'b', -1)
$match('abc1', /([a-z])([0-9])?/)
$match('ab ab', /ab/, 1)
$contains('abc', /B/i)
$replace('a.b', '.', '$1')
$replace('aaa', 'a', 'b', 2)
$replace('a', '', 'b')
$replace('a', 'a', 'b', -2)
$replace('John Smith', /(\w+)\s(\w+)/, '$2, $1')
$replace('x12', /(x)(1)(2)/, '$12 $0 $$ $9')
$replace('68F', /(\d+)F/, function($m) { $string($number($m.groups[0]) + 1) })
$replace('abc', /.*?/, '1')
$toMillis('2017-10-30T16:25:32.935Z')
$toMillis('2024-05-01T00:00:00.123456Z')
$toMillis('2017-10')
$toMillis('2017')
$toMillis('01-02-2018')
$toMillis('2018-02-03 11:15:33')
$toMillis('2024-01-01T00:00:00+0200')
$fromMillis(1509380732935)
$fromMillis(1509380732935, '[M01]/[D01]/[Y0001] [h#1]:[m01][P]')
$number('0x1F')
$number('1_000')
$number('inf')
$number('  5')
$number('5.')
$number('')
$number('10e500')
$round(2.5)
$round(1234.567, -2)
$power(0, -1)
$power(-2, 1/3)
$power(100, 1000)
$sqrt(-1)
1/0 + 1
1 + 'a'
1 < 'a'
null < 1
'a' & [1, 2]
true and 'x'
$n in [1, 5]
$map($list, function($x, $i) { $x * $i })
$single($list, function($x) { $x > 1 })
$error('no')
$error(null)
$assert(false, 'no')
$foo(1)
$formatNumber(1234.5, '#,##0.00')
$length("😀")
$length("\uD834\uDD1E")
$encodeUrlComponent('a b&ü')
$decodeUrlComponent('%E0%A4%A')
$parse('{"a": 1}').a
$parse('[null]')
$hash('abc', 'SHA-256')
$range(0, 6, 2)
$partition([1, 2, 3], 2)
$object ~> | $ | {'c': 2}, 'b' |
($factorial := function($x) { $x <= 1 ? 1 : $x * $factorial($x - 1) }; $factorial(20))
λ($x)<n<n>>{$x}(5)
1e309
"\y"
[1!2]
1 /* no end
$list[
""".strip().split("\n")


def ours(expression: str, variables: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"value": evaluate(expression, variables)}
    except EvaluationError as error:
        return {"undefined": True} if "(undefined)" in str(error) else {"error": error.code}


def test_an_expression_has_the_value_or_the_error_of_the_reference_implementation() -> None:
    reference = answers([(expression, VARIABLES) for expression in EXPRESSIONS])
    different = [
        (expression, own, theirs)
        for expression, theirs in zip(EXPRESSIONS, reference, strict=True)
        if (own := ours(expression, VARIABLES)) != theirs
    ]
    assert not different


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$random(42)", 0.7275636800328681),
        ('$hash("input", "SHA-1")', "140f86aae51ab9e1cda9b4254fe98a74eb54c1a1"),
        ("$range(-1.7, 2, 1)", [-1, 0, 1, 2]),
        ("$range(0, 6, 2)", [0, 2, 4, 6]),
        ("$partition([1,2,3,4], 2)", [[1, 2], [3, 4]]),
        ("$count(null)", 1),
        ("[1/0]", ["Infinity"]),
        ("{'k': 1/0}", {"k": "Infinity"}),
        ("$count([1..873782])", 873_782),
        ("$count($range(1, 200000, 1))", 200_000),
        ('($p := function($s, $n) { $n = 0 ? $s : $p($s & $s, $n - 1) }; $length($p("x", 22)))', 2**22),
    ],
)
def test_what_was_measured_on_aws_is_so_here(expression: str, value: Any) -> None:
    assert evaluate(expression, {}) == value


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ('$eval("1+1")', "T1006"),
        ('$formatNumber(1, "x")', "D308"),
        ("$partition([1], -1)", "partition"),
        ("[1..873783] ~> $count()", "Expression evaluation memory limit exceeded"),
        ('($p := function($s, $n) { $n = 0 ? $s : $p($s & $s, $n - 1) }; $p("x", 23))', "memory limit"),
        ("+".join(["1"] * 200), "D1011"),
        ("$sum('a')", 'T0412: Argument 1 of function "sum" must be an array of "numbers"'),
    ],
)
def test_what_fails_on_aws_fails_here(expression: str, words: str) -> None:
    with pytest.raises(EvaluationError, match=words):
        evaluate(expression, {})


def test_a_recursion_without_end_is_a_failure_and_nothing_else() -> None:
    with pytest.raises(EvaluationError, match="D1011"):
        evaluate("($f := function($x) { $f($x + 1) + 1 }; $f(1))", {})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(value=JSON)
def test_whatever_is_bound_comes_back(value: Any) -> None:
    assert evaluate("[$value]", {"value": [value]}) == [value]
