"""YAML's traps, for everything that is written in YAML: schemes, scenarios, mappings."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest

from xinyong.errors import MappingRefused, ScenarioRefused
from xinyong.lab.scenario_reading import HOME, read
from xinyong.records.mapping import parse_mapping, read_mapping
from xinyong.scheme.reading import read_text

ROOT = Path(__file__).parents[2]
SCHEME = (ROOT / "tests" / "lending.yaml").read_text(encoding="utf-8")
SCENARIO = min(HOME.glob("*.yaml"), key=lambda path: path.stat().st_size).read_text("utf-8")
MAPPING = "xinyong_mapping: 1\nfiles:\n  - subject: s\n    events: [{kind: visit, at: t}]\n"


def scheme(text: str | bytes) -> list[str]:
    reading = read_text(text)
    return [] if reading.scheme is not None else [str(one) for one in reading.errors]


def scenario(text: str | bytes) -> list[str]:
    try:
        read(text)
    except ScenarioRefused as error:
        return [str(one) for one in error.complaints]
    return []


def mapping(text: str | bytes) -> list[str]:
    with NamedTemporaryFile(suffix=".yaml") as file:
        file.write(text if isinstance(text, bytes) else text.encode())
        file.flush()
        return _mapping(Path(file.name))


def _mapping(path: Path) -> list[str]:
    try:
        read_mapping(path)
    except MappingRefused as error:
        assert error.where and error.mend
        return [str(error)]
    return []


Reader = Callable[[str | bytes], list[str]]
READERS: dict[Reader, str] = {scheme: SCHEME, scenario: SCENARIO, mapping: MAPPING}
DEEP = 100_000
LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
TRAPS: dict[str, str | bytes] = {
    "aliases of aliases": LAUGHS,
    "an alias of itself": "a: &a [*a]\n",
    "a merge": "a: &a {b: 1}\nc: {<<: *a}\n",
    "a name twice": "a: 1\na: 2\n",
    "a name twice below": "a: {b: 1, b: 2}\n",
    "lists in lists": "[" * DEEP,
    "lists in lists, closed": "[" * DEEP + "]" * DEEP,
    "objects in objects": "{a: " * DEEP,
    "dashes": "- " * DEEP,
    "dashes below each other": "".join(" " * n + "-\n" for n in range(1000)),
    "questions": "? " * DEEP,
    "a tag of Python": "!!python/object/apply:os.system [true]\n",
    "a tag": "a: !!binary aGk=\n",
    "a directive": "%TAG ! tag:x,2000:\n---\na: 1\n",
    "two documents": "a: 1\n---\nb: 2\n",
    "NUL": "a: \x00\n",
    "half a character": b"a: \xed\xa0\x80\n",
    "no UTF-8": b"a: \xff\n",
    "UTF-16": "a: 1\n".encode("utf-16"),
    "nothing": "",
    "a mark of order alone": b"\xef\xbb\xbf",
    "tabs": "a:\n\t- b\n",
    "a text that does not end": 'a: "b\n',
    "a mebibyte of a": "a" * (1 << 20),
    "a mebibyte of quotes": "'" * (1 << 20),
    "a mebibyte of colons": ": " * (1 << 19),
    "a mebibyte of signs": "&" * (1 << 20),
    "a mebibyte of line ends": "\n" * (1 << 20),
    "a long number": "a: " + "9" * 100_000,
    "a large exponent": "a: 1e" + "9" * 1000,
}


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_what_is_right_is_read_with_a_mark_of_order_too(reader: Reader) -> None:
    text = READERS[reader]
    assert reader(text) == []
    assert reader(b"\xef\xbb\xbf" + text.encode()) == []
    assert reader(text.replace("\n", "\r\n")) == []


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
@pytest.mark.parametrize("name", TRAPS)
def test_every_trap_is_refused_soon_and_in_few_words(reader: Reader, name: str) -> None:
    began = time.process_time()
    found = reader(TRAPS[name])
    assert time.process_time() - began < 5
    assert found and len(found) < 50
    assert all(0 < len(one) < 3000 for one in found)


@pytest.mark.parametrize("word", ["no", "off", "y", "12:30", "010", "1_000", "2016-01-01", "0o"])
def test_words_that_other_yaml_takes_for_values_stay_words(word: str) -> None:
    """Norway is no truth value, half past twelve not 750, and 010 not 8."""
    entry = parse_mapping(MAPPING.replace("subject: s", f"subject: {word}")).document.files[0]
    assert word in repr(entry.subject)
    titled = [f"title: {word}" if one.startswith("title:") else one for one in SCENARIO.split("\n")]
    assert read("\n".join(titled)).title == word
    titled = [f"title: {word}" if one.startswith("title:") else one for one in SCHEME.split("\n")]
    found = read_text("\n".join(titled)).scheme
    assert found is not None and str(found.title) == word


def test_010_is_no_number_where_a_number_is_asked_for() -> None:
    for text in (
        SCENARIO.replace("years:", "years: 010 #", 1),
        SCENARIO.replace("years:", "years: 1:30 #", 1),
        SCENARIO.replace("years:", "years: no #", 1),
    ):
        assert "years: " in SCENARIO and any("years" in one for one in scenario(text)), text
    assert any("points" in one for one in scheme(SCHEME.replace("points: 30", "points: 030")))
