"""What YAML's traps come to."""

from decimal import Decimal
from typing import Any

import pytest
from samples import EXAMPLE

from xinyong.scheme.complaints import Code
from xinyong.scheme.reading import read_text
from xinyong.scheme.tree import grow


def value(text: str | bytes) -> Any:
    tree, complaints = grow(text, "t")
    assert tree is not None and not complaints, [str(c) for c in complaints]
    return tree.value


def refused(text: str | bytes) -> list[tuple[Code, int, int]]:
    _, complaints = grow(text, "t")
    return [(c.code, c.line, c.column) for c in complaints]


@pytest.mark.parametrize(
    "text", ["no", "on", "off", "yes", "y", "12:30", "2016-01-01", "010", "00", "1_000", "0x", "-"]
)
def test_words_stay_words(text: str) -> None:
    assert value(f"a: {text}x"[:-1]) == {"a": text} if text != "-" else True


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("7", 7),
        ("-7", -7),
        ("+7", 7),
        ("0x1F", 31),
        ("0o17", 15),
        ("0.80", Decimal("0.80")),
        (".5", Decimal("0.5")),
        ("1e3", Decimal(1000)),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("null", None),
        ('"7"', "7"),
        ("'true'", "true"),
        ("|\n  a\n  b", "a\nb\n"),
    ],
)
def test_scalars_by_the_core_schema(text: str, meant: object) -> None:
    got = value(f"a: {text}\n")["a"]
    assert got == meant and type(got) is type(meant)


def test_no_float_ever() -> None:
    got = value("[0.1, 1.0, 1e2, -0.3]")
    assert all(isinstance(item, Decimal) for item in got)


def test_lists_become_tuples() -> None:
    assert value("a: [1, [2]]") == {"a": (1, (2,))}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: 1\na: 2\n", [(Code.DUPLICATE_KEY, 2, 1)]),
        ("a: &x [1]\nb: *x\n", [(Code.ALIAS, 1, 4)]),
        ("a: !!python/object:x 1\n", [(Code.ALIAS, 1, 4)]),
        ("%YAML 1.1\n---\na: 1\n", [(Code.ALIAS, 1, 1)]),
        ("<<: {a: 1}\n", [(Code.ALIAS, 1, 1)]),
        ("1: a\ntrue: b\nnull: c\n", [(Code.WRONG_TYPE, n, 1) for n in (1, 2, 3)]),
        ("? [a]\n: b\n", [(Code.WRONG_TYPE, 1, 3)]),
        ("a: .inf\nb: .nan\n", [(Code.WRONG_VALUE, 1, 4), (Code.WRONG_VALUE, 2, 4)]),
        ("a: " + "9" * 5000, [(Code.WRONG_VALUE, 1, 4)]),
        ("a: 1e99999999999999999999", [(Code.WRONG_VALUE, 1, 4)]),
        ("a: 1\n---\nb: 1\n", [(Code.MANY_DOCUMENTS, 2, 1)]),
        ("", [(Code.NOT_YAML, 1, 1)]),
        ("# nothing\n", [(Code.NOT_YAML, 1, 1)]),
        ("a: \x00", [(Code.NOT_READABLE, 1, 4)]),
        (b"a: \xff\n", [(Code.NOT_READABLE, 1, 4)]),
        ("a: 1".encode("utf-16"), [(Code.NOT_READABLE, 1, 1)]),
        ('a: "\\ud800"', [(Code.WRONG_VALUE, 1, 4)]),
        ('a: "\\x00"', [(Code.WRONG_VALUE, 1, 4)]),
        ('a: "\\UFFFFFFFF"', [(Code.NOT_YAML, 1, 4)]),
        ("[" * 33, [(Code.TOO_DEEP, 1, 33)]),
        ('a: "b', [(Code.NOT_YAML, 1, 4)]),
    ],
)
def test_refused_with_its_place(text: str | bytes, found: list[tuple[Code, int, int]]) -> None:
    got = refused(text)
    if found and found[0][0] is Code.NOT_YAML:
        assert [code for code, _, _ in got] == [Code.NOT_YAML]
    else:
        assert got == found


def test_thirty_two_levels_are_read() -> None:
    assert value("[" * 32 + "]" * 32)


def test_a_byte_order_mark_is_left_out_and_moves_nothing() -> None:
    assert refused("\ufeffa: 1\na: 2".encode()) == [(Code.DUPLICATE_KEY, 2, 1)]
    assert value("\ufeffa: 1") == {"a": 1}


def test_windows_line_ends_are_fine() -> None:
    assert read_text(EXAMPLE.replace("\n", "\r\n")).scheme is not None


BILLION = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
)


@pytest.mark.parametrize(
    "text",
    [
        BILLION,
        "[" * (1 << 20),
        "{" * (1 << 20),
        "? " * (1 << 19),
        "!" + "a" * ((1 << 20) - 1),
        "'" + "''" * 500_000,
        "- " * (1 << 19),
    ],
    ids=["bomb", "brackets", "braces", "keys", "tag", "quotes", "dashes"],
)
def test_a_hostile_mebibyte_is_refused_at_once(text: str) -> None:
    reading = read_text(text)
    assert reading.scheme is None and len(reading.complaints) == 1
