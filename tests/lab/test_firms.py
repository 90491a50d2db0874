"""Firms: money is kept, truth is told where nobody lies, and a mechanism off is one at zero."""

import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xinyong.engine import plain
from xinyong.errors import QuestionRefused
from xinyong.lab import firms_month, margins
from xinyong.lab.firms import Firms, Rating, latent, unrated
from xinyong.lab.firms_month import PATHS, WATCH, Purse, State, Trait
from xinyong.lab.happenings import HAPPENINGS, Happening
from xinyong.lab.population import draw_firms
from xinyong.lab.probing import last_day
from xinyong.lab.scenario import default
from xinyong.scheme import library

USUAL = {
    "fabrication.share": 1 / 3, "fabrication.inspected": 0.02, "sme_gap.gap": 0.3,
    "overcompliance.extra": 0.3, "customs.abroad": 0.2, "customs.fined": 0.02,
    "loan_gate.weight": 0.5, "loan_gate.margin": 0.8,
}  # fmt: skip
READ = (*tuple(Happening)[16:], Happening.COURT_DEFAULT, Happening.COURT_DONE)


def rating(clean=40, over=-40):
    """A rating that reads all that firms do; it ranges over 100 points."""
    row, points = np.full(HAPPENINGS, -1, np.int64), np.zeros(HAPPENINGS, np.int64)
    row[list(READ)] = range(len(READ))
    points[Happening.REPORTED], points[Happening.EXCEEDED] = clean, over
    return Rating(row, points, 0, 100)


def said(**more):
    values = {**USUAL, **{path.replace("__", "."): value for path, value in more.items()}}
    return values.__getitem__


def lived(n=2_000, seed=1, months=36, *, of=None, value=None, scores=None, small=0.8):
    firms = Firms.draw(n, seed, rating=of, small=small)
    for month in range(months):
        firms.step(month, seed, value or said(), scores)
    return firms


def bits(firms, happening):
    """How often a happening is on record."""
    row = firms.rating.row[happening]
    return sum(int(tile).bit_count() for tile in firms.tiles[row])


def state(firms):
    arrays = (firms.money, firms.traits, firms.states, firms.staff, firms.tiles, firms.accounts)
    return [array.tobytes() for array in (*arrays, firms.sums)]


def test_without_the_compiler_every_bit_is_the_same():
    program = (
        "import hashlib\n"
        "from tests.lab.test_firms import lived, rating, state\n"
        "from xinyong.lab.compiling import COMPILED\n"
        "firms = lived(120, 7, 30, of=rating())\n"
        "print(COMPILED, hashlib.sha256(b''.join(state(firms))).hexdigest())\n"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "XINYONG_ENGINE": engine},
        ).stdout.split()
        for engine in ("numba", "numpy")
    ]
    assert [first for first, _ in told] == ["True", "False"]
    assert told[0][1] == told[1][1]


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 2**40),
    st.tuples(*[st.floats(0, 1)] * 4),
    st.floats(0, 5),
    st.booleans(),
)
def test_money_is_neither_made_nor_lost(seed, shares, extra, rated):
    share, inspected, gap, weight = shares
    value = said(
        fabrication__share=share, fabrication__inspected=inspected, sme_gap__gap=gap,
        overcompliance__extra=extra, loan_gate__weight=weight,
    )  # fmt: skip
    firms = Firms.draw(150, seed, rating=rating() if rated else None)
    whole = firms.money[Purse.CASH].sum()
    for month in range(24):
        firms.step(month, seed, value)
        assert firms.money[Purse.CASH].sum() + firms.accounts.sum() == whole
        assert firms.money.min() >= 0
    assert (firms.staff[1] >= 1).all()
    assert (firms.staff[1] <= firms.staff[0]).all()


def test_what_the_lender_gives_is_what_firms_get():
    before = lived(months=5)
    firms = lived(months=5)
    outside = firms.accounts[1]
    cash, lender = before.money[Purse.CASH].sum(), before.accounts[0]
    firms.step(5, 1, said())
    got = firms.money[Purse.CASH].sum() - cash + (firms.accounts[1] - outside)
    assert got == lender - firms.accounts[0]
    assert firms.accounts[0] != lender


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**40), st.floats(0, 1))
def test_reports_are_true_where_nobody_fabricates(seed, inspected):
    firms = lived(
        400, seed, 6, value=said(fabrication__share=0.0, fabrication__inspected=inspected)
    )
    assert np.array_equal(firms.traits[Trait.TRUE], firms.reported)
    found = firms.measures()
    assert found["fabricated", "all"] == 0.0
    assert found["emissions", "all"] == found["emissions_reported", "all"]


def test_who_fabricates_says_less_than_there_is_and_is_of_that_kind():
    firms = lived()
    lies = firms.reported < firms.traits[Trait.TRUE]
    assert lies.any()
    assert (latent(firms)[lies] < 1 / 3).all()
    assert (firms.traits[Trait.TRUE][lies] > 1.0).all()
    found = firms.measures()
    assert found["emissions", "all"] > found["emissions_reported", "all"]
    assert 0.2 < found["fabricated", "above"] < 0.36  # a third, less those found out


@pytest.mark.parametrize("name", ["fabrication", "sme_gap", "overcompliance", "loan_gate"])
def test_a_mechanism_switched_off_is_one_at_zero_to_the_bit(name):
    dial = next(path for path in PATHS if path.startswith(name))
    town = default("rongcheng", people=1_000)
    off = town.model_copy(update={"mechanisms": {name: False}})
    zero = town.having(dial, 0.0)
    scores = SimpleNamespace(score=np.full(500, 95), lists=np.zeros((0, 500), np.uint8))
    runs = [
        lived(500, 3, 24, of=rating(), value=lambda path, s=s: s.value(*path.split(".")),
              scores=scores)
        for s in (off, zero, town.having(dial, 0.9))
    ]  # fmt: skip
    assert state(runs[0]) == state(runs[1])
    assert state(runs[0]) != state(runs[2])


def test_a_rating_moves_nobody_where_firms_do_not_answer_to_it():
    value = said(overcompliance__extra=0.0)
    rated, not_rated = lived(of=rating(), value=value), lived(value=value)
    assert np.array_equal(rated.traits, not_rated.traits)
    assert np.array_equal(rated.money, not_rated.money)


def test_firms_answer_to_the_points_as_written():
    cost, emissions = [], []
    for clean, over in ((0, 0), (20, -20), (50, -50)):
        found = lived(of=rating(clean, over), value=said(overcompliance__extra=1.0)).measures()
        cost.append(found["compliance_cost", "all"])
        emissions.append(found["emissions", "all"])
    assert cost == sorted(cost)
    assert emissions == sorted(emissions, reverse=True)
    assert cost[0] < cost[2]
    assert emissions[2] < 0.9 * emissions[0]
    upside_down = rating(-40, 40)
    assert upside_down.stake == 0.0


def test_inspections_find_who_fabricates_and_fine_them():
    none, many = (
        lived(of=rating(), months=30, value=said(fabrication__inspected=rate))
        for rate in (0.0, 0.03)
    )
    assert bits(none, Happening.FAKED) == bits(none, Happening.INSPECTED) == 0
    assert bits(many, Happening.FAKED) > 0
    assert bits(many, Happening.CURED) > 0
    caught = many.states[State.WATCHED] == WATCH
    row = many.rating.row
    assert ((many.tiles[row[Happening.FAKED]] & 1) == caught).all()
    assert (many.tiles[row[Happening.FINED]][caught] & 1).all()
    assert many.measures()["fabricated", "all"] < none.measures()["fabricated", "all"]


def test_a_report_says_clean_or_over_each_month_and_never_both():
    firms = lived(of=rating(), months=40)
    row = firms.rating.row
    clean, over = firms.tiles[row[Happening.REPORTED]], firms.tiles[row[Happening.EXCEEDED]]
    assert ((clean ^ over) == np.uint64(2**40 - 1)).all()
    assert (firms.tiles[row[Happening.FINED]] & over == over).all()
    assert ((over & 1 == 1) == (firms.reported > 1.0)).all()


def test_the_gap_refuses_small_firms_alone_and_costs_jobs():
    firms = lived(4_000, months=48, value=said(sme_gap__gap=0.0)).measures()
    gap = lived(4_000, months=48, value=said(sme_gap__gap=0.9)).measures()
    approved = "firm_approval"
    assert gap[approved, "small"] < 0.3 * firms[approved, "small"]
    assert gap[approved, "large"] > 0.5 * firms[approved, "large"]
    assert gap["employment", "small"] < firms["employment", "small"]


def test_small_firms_are_those_that_together_give_the_stated_part_of_jobs():
    firms = Firms.draw(20_000, 5, small=0.8)
    small, size = firms.small, firms.staff[0]
    assert size[small].sum() / size.sum() == pytest.approx(0.8, abs=0.01)
    assert size[small].max() <= size[~small].min()


def test_the_listed_get_no_loan_where_lenders_look_at_the_rating():
    n = 1_000
    lists = np.zeros((1, n), np.uint8)
    lists[0, : n // 2] = 2
    scores = SimpleNamespace(score=np.full(n, 90), lists=lists)
    firms = lived(n, of=rating(), months=24, scores=scores)
    assert (firms.states[State.LEFT, : n // 2] == 0).all()
    assert firms.states[State.LEFT, n // 2 :].any()
    blind = lived(n, of=rating(), months=24, scores=scores, value=said(loan_gate__weight=0.0))
    assert blind.states[State.LEFT, : n // 2].any()


def test_slack_is_passed_on_to_whom_a_firm_buys_from():
    low, usual = Firms.draw(200, 2), Firms.draw(200, 2)
    low.traits[Trait.TRADE, usual.buyers[0, 17]] = 0.0
    for firms in (low, usual):
        firms.step(0, 2, said())
    fell = low.traits[Trait.TRADE] < usual.traits[Trait.TRADE]
    assert fell[17]
    hit = (usual.buyers == usual.buyers[0, 17]).any(axis=0)
    assert np.array_equal(fell, hit)


def test_equal_seeds_give_equal_firms_and_others_differ():
    assert state(lived(300, 4)) == state(lived(300, 4))
    assert state(lived(300, 4)) != state(lived(300, 5))


def test_state_and_figures_keep_their_size():
    firms = lived(500, of=rating(), months=60)
    assert unrated().streams == 0
    assert Firms.draw(500, 1).bytes_per_firm == 44
    found = firms.measures()
    shares = [name for name in found if name[0] not in ("emissions", "emissions_reported")]
    assert {name for name, _ in found} >= {
        "small_firm_approval", "employment", "compliance_cost", "emissions", "fabricated",
    }  # fmt: skip
    assert all(0.0 <= found[name] <= 1.0 for name in shares)
    assert firms.measures() == {}


RATINGS = [name for name in library.names() if library.load(name).subjects == "organisation"]


@pytest.mark.parametrize("name", RATINGS)
def test_a_firm_takes_no_more_than_a_hundred_bytes_under_any_scheme(name):
    assert Firms.under(library.load(name), 100, 1, months=120).bytes_per_firm <= 100


def test_every_size_that_is_drawn_fits_its_column():
    assert margins.WORKERS[-1][1] < np.iinfo(np.int16).max
    drawn = draw_firms(20_000, 3)["workers"]
    assert np.array_equal(Firms.draw(20_000, 3).staff[0], np.maximum(drawn, 1))


@pytest.mark.parametrize("name", RATINGS)
def test_schemes_of_the_library_rate_firms_by_the_engine(name):
    scheme = library.load(name)
    firms = Firms.under(scheme, 60, 1, months=30)
    for month in range(30):
        firms.step(month, 1, said())
    assert 0.0 <= firms.rating.stake <= 1.0
    seen = {h for h in Happening if firms.rating.row[h] >= 0 and bits(firms, h) > 0}
    assert seen
    for firm in range(0, 60, 7):
        events = firms.scorer.events(firms.record, firm, 29)
        day = last_day(firms.scorer.first + 29)
        assert (
            firms.scores.score[firm]
            == plain.score(scheme, events, subject=str(firm), day=day).score
        )
    assert firms.measures()["firm_score", "all"] == firms.scores.score.mean()


def test_lies_make_a_rating_tell_less_of_the_truth():
    scheme = library.load("environmental-credit")
    truth = []
    for share in (0.0, 0.7):
        firms = Firms.under(scheme, 3_000, 2, months=24)
        value = said(fabrication__share=share, fabrication__inspected=0.0)
        for month in range(24):
            firms.step(month, 2, value)
        truth.append(firms.measures()["firm_score_truth", "all"])
    assert truth[0] > truth[1] + 0.1


def test_firms_do_not_answer_to_a_scheme_about_people():
    with pytest.raises(QuestionRefused, match="not about organisations"):
        Rating.of(library.load("rongcheng"))


def test_rows_are_named_for_every_number():
    firms = Firms.draw(10, 1)
    assert len(firms.money) == len(Purse)
    assert len(firms.traits) == len(Trait)
    assert len(firms.states) == len(State)
    assert len(firms.sums) == len(firms_month.Sum)
