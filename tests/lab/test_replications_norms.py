"""Case D: norms are schemes, and the lab's society plays exactly what the schemes say."""

import os
import subprocess
import sys
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xinyong.engine import plain
from xinyong.errors import QuestionRefused
from xinyong.lab.casting import ByHand
from xinyong.lab.chance import Stream, at, key
from xinyong.lab.encounters import BY_BAD, BY_GOOD
from xinyong.lab.happenings import Happening
from xinyong.lab.probing import event_instant, first_month, last_day
from xinyong.lab.replications import norms, reproduce
from xinyong.lab.scoring import LabScorer
from xinyong.lab.society import founded, step

# Ohtsuki and Iwasa 2006, table 1, written here once more: whether the one who could have helped is
# good afterwards, by (own standing, other's standing, helped); 1 good.
FREE = {"l1": (1, 1, 0), "l2": (0, 1, 0), "l3": (1, 1, 1), "l4": (1, 0, 1),
        "l5": (0, 1, 1), "l6": (0, 0, 1), "l7": (1, 0, 0), "l8": (0, 0, 0)}  # fmt: skip


@pytest.mark.parametrize("name", FREE)
def test_the_leading_eight_are_what_was_published(name):
    good_helps_bad, bad_helps_bad, bad_leaves_bad = FREE[name]
    wanted = {
        (1, 1, 1): 1, (1, 1, 0): 0, (0, 1, 1): 1, (0, 1, 0): 0, (1, 0, 0): 1,
        (1, 0, 1): good_helps_bad, (0, 0, 1): bad_helps_bad, (0, 0, 0): bad_leaves_bad,
    }  # fmt: skip
    table = norms.table(name)
    for bits, good in wanted.items():
        assert table.standing[bits][0] == good
        assert table.standing[bits][1] == 1 - good
    # bad helps bad exactly where leaving would cost more than helping
    assert table.helps.tolist() == [[int(name in ("l1", "l2")), 1], [0, 1]]
    assert table.start == 1


def test_image_scoring_looks_at_the_deed_alone():
    table = norms.table("image-scoring")
    for own, other, helped in product((0, 1), repeat=3):
        assert table.standing[own, other, helped, 0] == helped
    assert table.helps.tolist() == [[0, 1], [0, 1]]


@pytest.mark.parametrize("name", norms.NORMS)
def test_the_society_equals_whole_histories_in_the_plain_engine(name):
    people, rounds, keeper, deed, seed = 100, 5, 0.3, 0.2, 5
    scheme = norms.norm(name)
    first = plain.score(scheme, [], subject=norms.SUBJECT, day=last_day(first_month(scheme)))
    histories, outcomes = [[] for _ in range(people)], [first] * people
    good_all = helped_all = 0
    for month in range(rounds):
        before = list(outcomes)
        calendar = first_month(scheme) + month
        moment, day = event_instant(calendar, scheme), last_day(calendar)
        for person in range(people):
            other = int(at(key(seed, month, Stream.PARTNERS), person) * (people - 1))
            other += other >= person
            own_good, other_good = (before[p].band == "good" for p in (person, other))
            means = (BY_GOOD if own_good else BY_BAD) in before[other].consequences
            helped = means and not at(key(seed, month, Stream.ACTION), person) < deed
            mistaken = at(key(seed, month, Stream.ASSESSMENT), person) < keeper
            bits = (own_good, other_good, helped, mistaken)
            histories[person] += norms.meeting(bits, moment)
            good_all, helped_all = good_all + own_good, helped_all + helped
            outcomes[person] = plain.score(
                scheme, histories[person], subject=norms.SUBJECT, day=day
            )
    played = norms.society(name, keeper, deed, people=people, rounds=rounds, leave_out=0, seed=seed)
    assert played.standing.tolist() == [int(found.band == "good") for found in outcomes]
    assert played.good == good_all / (people * rounds)
    assert played.helped == helped_all / (people * rounds)


def test_rounds_go_on_when_the_scorers_months_are_over():
    """With a scorer of ten years against one that is made for as long as the rounds."""
    short = norms.society("l2", 0.1, 0.1, people=300, rounds=400, leave_out=0, seed=3)
    scorer = short.society.homes[0].world.scorer
    assert scorer.months < 400
    long = LabScorer(scorer.scheme, scorer.casting, months=400)
    made, world = founded(norms.town(300, 0.1, 0.1), ByHand.of(norms.norm("l2"), norms.FOLDER), 3)
    (home,) = made.at_work(world)
    home.world = replace(world, scorer=long)
    for _ in range(400):
        step(made, world)
    assert np.array_equal(made.score, short.society.score)
    assert home.counts.met.tolist() == short.society.homes[0].counts.met.tolist()


def test_the_batch_engine_notices_a_changed_record():
    played = norms.society("l6", 0.1, 0.1, people=500, rounds=5, leave_out=0, seed=2)
    assert norms.told_otherwise("l6", played) == 0
    record = played.society.homes[0].record
    record.bits[record.casting.rows[Happening.MISJUDGED], 7] ^= np.uint64(1)
    assert norms.told_otherwise("l6", played) == 1


@settings(max_examples=20)
@given(st.floats(0.001, 0.2), st.floats(0, 0.2))
def test_expectations_equal_the_closed_forms(keeper, deed):
    good, helped = norms.expected("image-scoring", keeper, deed)
    closed = keeper / (1 - (1 - 2 * keeper) * (1 - deed))
    assert good == pytest.approx(closed, abs=1e-6)
    assert helped == pytest.approx((1 - deed) * closed, abs=1e-6)
    good, helped = norms.expected("l3", keeper, deed)
    known = (1 - keeper) / (1 + deed * (1 - 2 * keeper))
    assert good == pytest.approx(known, abs=1e-9)
    assert helped == pytest.approx((1 - deed) * known, abs=1e-9)


@pytest.mark.parametrize("name", [*norms.PUBLISHED])
def test_expectations_equal_the_published_shares(name):
    for pair, row in zip(norms.ERRORS, norms.PUBLISHED[name], strict=True):
        assert norms.expected(name, *pair) == pytest.approx(row, abs=6e-7)


def test_two_norms_hold_in_a_small_society():
    for name in ("l1", "l6"):
        (result,) = reproduce(["D"], norm_name=name, people=5000, rounds=300)
        assert result.verdict == "holds"
        assert len(result.figures) == 9


def test_other_error_rates_stand_beside_an_expectation():
    (result,) = reproduce(["D"], norm_name="l3", mu_a=0.1, mu_e=0.02, people=5000, rounds=300)
    assert result.verdict == "holds"
    assert {figure.basis for figure in result.figures} == {"our own expectation", "the scheme"}
    again, other = (
        reproduce(["D"], norm_name="l3", people=500, rounds=50, seed=s)[0].figures for s in (1, 2)
    )
    same = reproduce(["D"], norm_name="l3", people=500, rounds=50, seed=1)[0].figures
    assert again == same
    assert again != other


def test_wrong_norms_and_rates_are_refused():
    for wrong in ({"norm_name": "l9"}, {"mu_a": 1.5}, {"people": 1}):
        with pytest.raises(QuestionRefused):
            reproduce(["D"], **wrong)


def test_a_society_without_errors_stays_good():
    for name in norms.NORMS:
        played = norms.society(name, 0.0, 0.0, people=300, rounds=20, leave_out=0, seed=1)
        assert played.good == played.helped == 1.0
        assert np.all(played.standing == 1)


def test_without_the_compiler_the_cases_are_the_same():
    program = (
        "from xinyong.lab.compiling import COMPILED\n"
        "from xinyong.lab.replications import lending_gym, norms, urns\n"
        "p = norms.society('l6', .1, .1, people=100, rounds=6, leave_out=0, seed=2)\n"
        "r = [lending_gym.runs(rule, 1, 400, .01, 1., 3) for rule in (0, 1)]\n"
        "u = urns.shares(.7, .2, 3, 200, True, 1)\n"
        "print(COMPILED, p.standing.tolist(), p.good, p.helped, u.tolist(),"
        " [(x.loans.tolist(), x.repay.tolist(), x.gain.tolist()) for x in r])\n"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "XINYONG_ENGINE": engine},
        ).stdout.split(" ", 1)
        for engine in ("numba", "numpy")
    ]
    assert [first for first, _ in told] == ["True", "False"]
    assert told[0][1] == told[1][1]
