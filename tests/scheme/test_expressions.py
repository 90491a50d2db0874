"""Expressions: what is taken, how it is typed, how it is said."""

import pytest

from xinyong.errors import ExpressionRefused
from xinyong.scheme.complaints import Code
from xinyong.scheme.expressions import (
    BOOL,
    DATE,
    FIXED,
    TEXT,
    WHOLE,
    Const,
    Extreme,
    Kind,
    Ref,
    Scope,
    Widen,
    names,
    parse,
    sentence,
    walk,
)

DAYS = Kind("whole", "days")
MONEY = Kind("whole", "money")
KINDS = {
    "n": WHOLE,
    "f": FIXED,
    "days": DAYS,
    "owed": MONEY,
    "paid": BOOL,
    "word": TEXT,
    "since": DATE,
}
SCOPE = Scope(
    {name: Ref("field", name, kind) for name, kind in KINDS.items()},
    event="bill",
    lists=frozenset({"bad-payers"}),
    words={"word": ("red", "green")},
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("n", WHOLE),
        ("n + 1", WHOLE),
        ("n + 0.5", FIXED),
        ("n / 2", FIXED),
        ("n * f", FIXED),
        ("-n", WHOLE),
        ("days + 1", DAYS),
        ("days > 3", BOOL),
        ("1 < n < 5", BOOL),
        ("known(n)", BOOL),
        ("not paid", BOOL),
        ("paid and n > 1 or f < 0.5", BOOL),
        ("on('bad-payers')", BOOL),
        ("word == 'red'", BOOL),
        ("word in ['red', 'green']", BOOL),
        ("n not in [1, 2]", BOOL),
        ("since < '2016-01-01'", BOOL),
        ("since - since", DAYS),
        ("min(n, f)", FIXED),
        ("max(days, 3)", DAYS),
        ("bill.n", WHOLE),
        ("true", BOOL),
        (" n ", WHOLE),
    ],
)
def test_types(text: str, kind: Kind) -> None:
    assert parse(text, SCOPE).kind == kind


@pytest.mark.parametrize(
    ("text", "code", "offset"),
    [
        ("n +", Code.BAD_EXPRESSION, None),
        ("nn + 1", Code.UNKNOWN_NAME, 0),
        ("1 + nn", Code.UNKNOWN_NAME, 4),
        ("'信用' == nn", Code.UNKNOWN_NAME, 8),
        ("  1 + nn", Code.UNKNOWN_NAME, 6),
        ("bill.nn", Code.UNKNOWN_NAME, 0),
        ("loan.n", Code.BAD_EXPRESSION, 0),
        ("n.real.imag", Code.BAD_EXPRESSION, 0),
        ("abs(n)", Code.BAD_EXPRESSION, None),
        ("n ** 2", Code.BAD_EXPRESSION, None),
        ("n % 2", Code.BAD_EXPRESSION, None),
        ("n if paid else f", Code.BAD_EXPRESSION, 0),
        ("lambda: n", Code.BAD_EXPRESSION, 0),
        ("[n for n in f]", Code.BAD_EXPRESSION, 0),
        ("f'{n}'", Code.BAD_EXPRESSION, 0),
        ("(n := 1)", Code.BAD_EXPRESSION, None),
        ("n is 1", Code.BAD_EXPRESSION, None),
        ("n[0]", Code.BAD_EXPRESSION, 0),
        ("__import__('os')", Code.BAD_EXPRESSION, None),
        ("1j", Code.BAD_EXPRESSION, 0),
        ("None", Code.BAD_EXPRESSION, 0),
        ("b'x' == word", Code.BAD_EXPRESSION, 0),
        ("min(n)", Code.BAD_EXPRESSION, None),
        ("on(word)", Code.BAD_EXPRESSION, None),
        ("on('bad-payer')", Code.UNKNOWN_NAME, 3),
        ("word == 'blue'", Code.UNKNOWN_NAME, None),
        ("word < 'red'", Code.TYPE_MISMATCH, None),
        ("word == n", Code.TYPE_MISMATCH, None),
        ("paid + 1", Code.TYPE_MISMATCH, None),
        ("n and paid", Code.TYPE_MISMATCH, 0),
        ("not n", Code.TYPE_MISMATCH, 4),
        ("days + owed", Code.UNIT_MISMATCH, None),
        ("days < owed", Code.UNIT_MISMATCH, None),
        ("since < '2016-02-30'", Code.WRONG_VALUE, None),
        ("1" * 40, Code.WRONG_VALUE, 0),
        ("0.1234567", Code.WRONG_VALUE, 0),
        ("0.12345600000000000000000000000000001", Code.WRONG_VALUE, 0),
        ("1e999999999", Code.WRONG_VALUE, 0),
        ("1e-999999999", Code.WRONG_VALUE, 0),
        ("(" * 300, Code.BAD_EXPRESSION, None),
        ("-" * 300 + "n", Code.BAD_EXPRESSION, None),
        ("+".join(["n"] * 900), Code.BAD_EXPRESSION, None),
        ("n\x00", Code.BAD_EXPRESSION, None),
    ],
)
def test_refusals(text: str, code: Code, offset: int | None) -> None:
    with pytest.raises(ExpressionRefused) as caught:
        parse(text, SCOPE)
    assert caught.value.code == code
    assert offset is None or caught.value.offset == offset


def test_what_is_wanted_is_asked_for() -> None:
    for text, want in (("n", "bool"), ("paid", "number")):
        with pytest.raises(ExpressionRefused) as caught:
            parse(text, SCOPE, want=want)  # type: ignore[arg-type]
        assert caught.value.code == Code.TYPE_MISMATCH


def test_a_whole_number_is_widened_where_it_meets_a_fixed_one() -> None:
    tree = parse("n + f", SCOPE)
    assert [type(node) for node in walk(tree)].count(Widen) == 1
    assert not any(isinstance(node, Widen) for node in walk(parse("f + 1", SCOPE)))
    assert isinstance(parse("min(n, 0.5)", SCOPE), Extreme)


def test_decimals_are_exact_millionths() -> None:
    assert parse("0.1", SCOPE) == Const(100_000, FIXED)
    assert parse("1.500000000", SCOPE) == Const(1_500_000, FIXED)
    assert parse("1e2", SCOPE) == Const(100_000_000, FIXED)


def test_names_are_given_once_in_order() -> None:
    assert names(parse("f > 1 and n > f and n < 9", SCOPE), "field") == ("f", "n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("n >= 3", "“Number” is at least 3"),
        ("not paid", "paid is not so"),
        ("known(n)", "“Number” is known"),
        ("not known(n)", "“Number” is unknown"),
        ("days < 30", "days is less than 30"),
        ("word in ['red', 'green']", "word is 'red' or 'green'"),
        ("paid and (n > 1 or f < 0.5)", "paid and (“Number” is more than 1 or f is less than 0.5)"),
        ("n / (n + 1)", "“Number” divided by (“Number” plus 1)"),
        ("on('bad-payers')", "the subject is on the list “bad-payers”"),
        ("since > '2016-01-31'", "since is more than 2016-01-31"),
        ("min(n, 2) == 2", "the smallest of “Number”, 2 is 2"),
    ],
)
def test_sentences(text: str, said: str) -> None:
    assert sentence(parse(text, SCOPE), {"n": "Number"}) == said
