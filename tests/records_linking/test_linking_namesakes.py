"""Wrong-person safe: no namesake carries another's burden; what linking finds, in figures."""

import re
from contextlib import redirect_stdout
from io import StringIO
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from linking_harness import (
    AT,
    SIZE,
    by_name,
    by_number_alone,
    by_threshold,
    figures,
    hard_pairs,
    one_person,
    ours,
    wrong_burdens,
)
from linking_people import Slips, borrowed, given_shares, namesakes, surname_shares, written_down

from xinyong.records.linking.book import Book
from xinyong.records.linking.judging import Match
from xinyong.records.linking.matching import match
from xinyong.records.linking.record import Ref

PAGE = Path(__file__).resolve().parents[2] / "docs" / "linking.md"


@pytest.mark.slow
def test_no_namesake_can_carry_a_burden_and_wrong_policies_are_caught() -> None:
    """Over 300,000 pairs of namesakes of one town and year; the same count for wrong policies."""
    pairs = hard_pairs()
    assert len(pairs) >= 300_000
    assert not any(one_person(pair) for pair in pairs)
    assert wrong_burdens(pairs, ours) == 0
    found = {
        "the same name": wrong_burdens(pairs, by_name),
        "0.99 or more": wrong_burdens(pairs, by_threshold(990_000)),
        "0.9999 or more": wrong_burdens(pairs, by_threshold(999_900)),
        "0.999999": wrong_burdens(pairs, by_threshold(999_999)),
        "the same number": wrong_burdens(pairs, by_number_alone),
    }
    assert found["the same name"] > 250_000
    assert found["0.99 or more"] > found["0.9999 or more"] > found["0.999999"] > 0
    assert found["the same number"] > 0
    # A strong class among them would be a wrong one; probable and doubtful ones are expected.
    classes = {kind: sum(pair.match is kind for pair in pairs) for kind in Match}
    assert classes[Match.STRONG] == 0 < classes[Match.PROBABLE] < classes[Match.DOUBTFUL]
    told = dict(re.findall(r"^\| burden by (.*?) \| ([\d,]+) \|$", PAGE.read_text("utf-8"), re.M))
    assert told == {"this house": "0"} | {way: f"{count:,}" for way, count in found.items()}
    assert f"{len(pairs):,} pairs" in PAGE.read_text("utf-8")
    assert f"{classes[Match.PROBABLE]:,} of the pairs" in PAGE.read_text("utf-8")


def test_no_subject_in_the_book_holds_two_people_for_a_burden() -> None:
    """The whole way: matched, taken into the book, and asked for every record."""
    rng = np.random.default_rng(8)
    people = namesakes(rng, 60, SIZE)
    left, right = (written_down(rng, source, people, Slips()) for source in ("left", "right"))
    right = borrowed(rng, right, people, SIZE)
    records = {record.ref: record for record in (*left, *right)}
    book = Book(records.__getitem__)
    for at, pair in enumerate(match(left, right).pairs, AT):
        book.take(pair, at)
    joined = 0
    for ref in records:
        subject = book.subject(ref, for_burden=True)
        assert len({one.id for one in subject}) == 1, ref
        joined += len(subject) > 1
    assert joined > 100  # sure links there are
    shown = [book.subject(Ref("left", str(i)), for_burden=False) for i in range(len(people))]
    assert sum(len(subject) > 1 for subject in shown) > joined / 2
    assert len(book.proposals) > 1_000


@pytest.mark.slow
@pytest.mark.parametrize("rough", [False, True])
def test_figures_of_links_are_those_on_the_page(rough: bool) -> None:
    text = PAGE.read_text("utf-8")
    way = "rough" if rough else "usual"
    told = re.findall(
        rf"^\| {way} \| ([\d.]+) \| (\w+) \| ([\d,]+) \| ([\d.]+ %) \| ([\d.]+ %) \|$", text, re.M
    )
    assert len(told) == 8
    for bar, kind, links, precision, recall in told:
        classes = [Match(kind)] if kind != "all" else list(Match)
        found = figures(rough, round(float(bar) * 1_000_000), *classes)
        assert (f"{found.links:,}", found.precision, found.recall) == (links, precision, recall)
    strong, probable = (figures(rough, 990_000, kind) for kind in (Match.STRONG, Match.PROBABLE))
    every = figures(rough, 990_000, *Match)
    assert strong.right == strong.links > 200
    assert probable.right >= 0.999 * probable.links
    assert every.found > (6_500 if rough else 9_000)


def test_any_order_and_any_number_of_threads_give_the_same() -> None:
    rng = np.random.default_rng(9)
    people = namesakes(rng, 20, SIZE)
    left, right = (written_down(rng, source, people, Slips()) for source in ("left", "right"))
    first = match(left, right, threads=1)
    assert first.pairs and first.looked_at > 5_000
    for threads, _ in product((1, 2, 8), range(2)):
        left, right = ([side[i] for i in rng.permutation(len(side))] for side in (left, right))
        assert match(left, right, threads=threads) == first


def test_a_probable_pair_with_a_rival_is_doubtful() -> None:
    rng = np.random.default_rng(10)
    people = namesakes(rng, 100, 4)
    exact = Slips(0, 0, 0, 0, 0, 0, 100, 0)
    left, right = (written_down(rng, source, people, exact) for source in ("left", "right"))
    found = match(left, right)
    likely = found.of(Match.PROBABLE)
    assert len({pair.left.ref for pair in likely}) == len({p.right.ref for p in likely})
    assert len(likely) == len({pair.left.ref for pair in likely}) > 100
    assert any("another record fits" in pair.why for pair in found.of(Match.DOUBTFUL))


def test_names_are_as_common_as_published() -> None:
    """Two people share their whole name with odds between those worked out on the page."""
    _, surnames = surname_shares()
    _, given = given_shares()
    assert float(surnames.sum()) == pytest.approx(1) == pytest.approx(float(given.sum()))
    innocents = 1_400_000_000 * float((surnames**2).sum()) * float((given**2).sum())
    assert 7_457 <= innocents <= 10_493


def test_innocents_of_one_entry_are_worked_out_on_the_page() -> None:
    """The arithmetic of the page, done again from the numbers it states."""
    text = PAGE.read_text("utf-8")
    stated = dict(re.findall(r"^\| `(\w+)` \| .*? \| ([\d.,]+) \|$", text, re.M))
    value = {name: float(number.replace(",", "")) for name, number in stated.items()}
    low = value["people"] * value["surnames"] * value["given_low"]
    high = value["people"] * value["surnames"] * value["given_high"]
    assert round(low, -2) == value["innocents_low"] and round(high, -2) == value["innocents_high"]
    assert value["innocents_low"] < 10_000 < value["innocents_high"]
    year = low / value["years"]
    town = year * value["town"] / value["people"]
    assert round(year) == value["same_year"]
    assert round(town * value["town_entries"]) == value["same_town"]


def test_the_snippet_on_the_page_runs_and_gives_what_it_says() -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.DOTALL)
    names: dict[str, object] = {}
    with redirect_stdout(StringIO()) as out:
        exec(code, names)
    pair, shown, sure = out.getvalue().splitlines()
    assert pair.startswith("probable 99")
    assert "tax" in shown and "tax" not in sure and "court" in sure
