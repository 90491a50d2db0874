"""Published results done again: figures, machinery, and what is said of other settings."""

import math
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from xinyong.errors import QuestionRefused
from xinyong.lab import replications
from xinyong.lab.replications import (
    CaseResult,
    Figure,
    bureau,
    delayed_impact,
    lending_gym,
    performative,
    reproduce,
    urns,
    wealth,
)
from xinyong.lab.replications.case import data_folder


def one(case: str, **given) -> CaseResult:
    (result,) = reproduce([case], **given)
    return result


def missed(result: CaseResult) -> list[Figure]:
    return [figure for figure in result.figures if figure.verdict == "misses"]


# -- verdicts


def test_a_figure_is_held_against_its_tolerance():
    near = Figure("x", 1.04, 1.0, 0.05)
    assert near.verdict == "holds"
    assert replace(near, ours=1.06).verdict == "misses"
    assert replace(near, ours=math.nan).verdict == "misses"
    assert replace(near, published=None).verdict == "no published value"
    above = Figure("x", 0.96, 0.95, relation="above")
    assert above.verdict == "holds"
    assert replace(above, ours=0.95).verdict == "misses"


def test_a_case_is_as_good_as_its_worst_figure():
    good, bad = Figure("x", 1.0, 1.0, 0.1), Figure("y", 9.0, 1.0, 0.1)
    result = CaseResult("X", "x", "t", "s", (good,))
    assert result.verdict == "holds"
    assert replace(result, not_run="no data").verdict == "not run"
    assert replace(result, figures=(good, bad), not_run="no data").verdict == "misses"
    assert replace(result, figures=(replace(good, published=None),)).verdict == (
        "no published value"
    )


def test_a_missing_file_fails_only_what_was_asked_by_name():
    lacking = CaseResult("C", "c", "t", "s", (), not_run="no data")
    wrong = CaseResult("X", "x", "t", "s", (Figure("y", 9.0, 1.0),))
    assert replications.exit_code([lacking], by_name=False) == 0
    assert replications.exit_code([lacking], by_name=True) == 1
    assert replications.exit_code([wrong, lacking], by_name=False) == 1


# -- cases and parameters by name


def test_cases_are_found_by_letter_and_name():
    assert list(replications.CASES) == ["A", "B", "C", "D", "E", "F", "H"]
    assert [case.letter for case in replications.chosen(["h", "urns", "E"])] == ["E", "H"]
    with pytest.raises(QuestionRefused, match="no case is called 'G'"):
        reproduce(["G"])


def test_an_unknown_parameter_names_the_nearest():
    with pytest.raises(QuestionRefused, match="no parameter is called 'u_minos'") as caught:
        reproduce(["A"], u_minos=-3)
    assert "'u_minus'" in str(caught.value)
    with pytest.raises(QuestionRefused):
        reproduce(["E"], u_minus=-3)


def test_parameters_are_read_from_text():
    assert replications.parsed("u-minus", "-10") == -10.0
    assert replications.parsed("seeds", "20", ["B"]) == 20
    assert replications.parsed("norm-name", "l3") == "l3"
    assert replications.parameters(["E"])["urns"] == {"E": 200}
    for name, text in (("seeds", "1.5"), ("u-minus", "many"), ("seedz", "1")):
        with pytest.raises(QuestionRefused):
            replications.parsed(name, text)


def test_every_parameter_stands_in_the_text_of_its_case():
    for case in replications.CASES.values():
        told = case.run.__doc__ or ""
        for name in case.parameters:
            assert name == "seed" or f"``{name}``" in told, f"{case.letter}: {name}"


# -- A


@pytest.mark.data
def test_delayed_impact_holds_with_every_published_figure(data_folder):
    result = one("A", people=100_000, fico_data=str(data_folder / "fico_cdf"))
    assert not missed(result)
    assert result.verdict == "holds"
    held = [figure for figure in result.figures if figure.basis == "published"]
    assert sum(figure.published is not None for figure in held) == 3 * 13 + 6
    harm = {f.published: f.ours for f in result.figures if "lending harms" in f.name}
    assert harm == {
        529.75: pytest.approx(529.75, abs=0.05),
        497.47: pytest.approx(497.47, abs=0.05),
    }


@pytest.mark.data
def test_other_settings_have_no_published_value(data_folder):
    given = {"people": 20_000, "fico_data": str(data_folder / "fico_cdf")}
    result = one("A", u_minus=-10.0, **given)
    thresholds = [f for f in result.figures if "threshold" in f.name and "u-" in f.name]
    assert len(thresholds) == 6
    assert all(figure.published is None for figure in thresholds)
    assert [round(f.ours, 2) for f in thresholds] == [716.18, 656.52, 562.5, 731.0, 601.25, 677.95]
    assert not missed(result)
    with pytest.raises(QuestionRefused):
        one("A", u_minus=4.0, **given)


@pytest.mark.data
@settings(max_examples=10)
@given(u_minus=st.floats(-20, -0.5))
def test_no_equal_rate_beats_the_one_chosen(data_folder, u_minus):
    tables = delayed_impact.read(data_folder / "fico_cdf")
    for name, mass in (
        ("equal acceptance", tables.pmf),
        ("equal opportunity", tables.pmf * tables.repay),
    ):
        mass = mass / mass.sum(axis=1, keepdims=True)
        best = delayed_impact.policy(tables, name, u_minus, 1.0)
        rates = (mass * best).sum(axis=1)
        assert rates[0] == pytest.approx(rates[1], abs=1e-9)
        gain = delayed_impact.profit(tables, best, u_minus, 1.0)
        for rate in np.linspace(0.001, 0.999, 200):
            other = np.array([delayed_impact._from_the_top(group, rate) for group in mass])
            assert delayed_impact.profit(tables, other, u_minus, 1.0) <= gain + 1e-12


def test_the_engine_moves_scores_as_the_model_does():
    before = np.array([300, 420, 449, 600, 780, 850, 700])
    approved = np.array([1, 1, 1, 1, 1, 1, 0], bool)
    repays = np.array([1, 0, 0, 1, 1, 0, 1], bool)
    after = bureau.scores(before, approved, repays)
    assert after.tolist() == [375, 300, 300, 675, 850, 700, 700]


def test_without_its_tables_case_a_is_not_run(tmp_path, monkeypatch):
    monkeypatch.setenv("XINYONG_DATA", str(tmp_path))
    result = one("A")
    assert result.verdict == "not run"
    assert "FICO" in result.not_run


def test_another_table_is_refused(tmp_path):
    (tmp_path / "totals.csv").write_text("Kind,Black\nSSA,1\n")
    with pytest.raises(QuestionRefused, match=r"totals\.csv"):
        one("A", fico_data=str(tmp_path))


# -- B


def test_lending_holds_in_few_runs():
    result = one("B", seeds=60)
    assert not missed(result)
    assert result.verdict == "holds"
    assert one("B", seeds=60, seed=1).figures[5] == result.figures[5]
    assert one("B", seeds=60, seed=500).figures[5].ours != result.figures[5].ours


@given(
    st.lists(st.integers(0, 40), min_size=14, max_size=14),
    st.lists(st.integers(1, 19), min_size=7, max_size=7),
    st.sampled_from([0.2, 0.5, 1.0, 2.0]),
)
def test_equal_opportunity_is_the_best_there_is(counts, chances, interest):
    mass = np.array(counts, float).reshape(2, 7) + 0.5
    repay = np.sort(np.array(chances) / 20)
    part = np.append(0, np.cumsum(np.diff(repay) > 0)).astype(np.int64)
    accept = np.zeros((2, 7))
    lending_gym.equal_opportunity(mass, repay, part, interest, accept)
    good = mass * repay
    positives = (good * accept).sum(axis=1) / good.sum(axis=1)
    assert positives[0] == pytest.approx(positives[1], abs=1e-9)
    gain = mass * (repay * (1 + interest) - 1)
    equal = np.concatenate([good[0] / good[0].sum(), -good[1] / good[1].sum()])
    best = optimize.linprog(-gain.ravel(), A_eq=[equal], b_eq=[0], bounds=(0, 1))
    assert (gain * accept).sum() == pytest.approx(-best.fun, abs=1e-6)
    assert (np.diff(accept, axis=1) >= -1e-12).all()


def test_mass_is_kept_and_only_moves_by_loans():
    start = np.array([lending_gym.FIRST, lending_gym.SECOND]) * 100
    repay, part = np.array(lending_gym.REPAY), np.array([0, 1, 2, 3, 4, 5, 5])
    for rule in (0, 1):
        mass, seen = start.copy(), np.zeros(3)
        lending_gym.simulate(mass, repay, part, 1.0, rule, 5000, 77, seen)
        assert mass.sum(axis=1) == pytest.approx([100, 100])
        assert mass.min() >= 0
        assert 0 < seen[:2].sum() < 5000
        assert abs(seen[2]) <= seen[:2].sum()


# -- C


def test_the_gaussian_mean_always_runs(monkeypatch, tmp_path):
    monkeypatch.setenv("XINYONG_DATA", str(tmp_path))
    result = one("C")
    assert not missed(result)
    assert result.verdict == "not run"
    assert "may not be passed" in result.not_run
    assert [figure.verdict for figure in result.figures] == ["holds"] * 3
    with pytest.raises(QuestionRefused):
        one("C", gaussian_eps=1.0)


def test_the_data_are_looked_for_where_they_are_said_to_be(tmp_path, monkeypatch):
    monkeypatch.setenv("XINYONG_DATA", str(tmp_path))
    assert data_folder("whynot") is None
    (tmp_path / "whynot").mkdir()
    assert data_folder("whynot") == tmp_path / "whynot"
    assert data_folder("whynot", tmp_path / "nowhere") is None


def test_other_credit_data_are_refused(tmp_path):
    for name in ("credit_data.zip", "whynot-0.12.0-py3-none-any.whl"):
        with zipfile.ZipFile(tmp_path / name, "w") as made:
            made.writestr(performative.INNER, "rows")
        with pytest.raises(QuestionRefused, match="not the credit data"):
            one("C", credit_data=str(tmp_path / name))
    with pytest.raises(QuestionRefused, match="not the credit data"):
        one("C", credit_data=str(Path(__file__).parent))


def drawn_people(n: int = 400) -> performative.People:
    from xinyong.lab import chance

    base = chance.key(9, 0, chance.Stream.SAMPLE)
    raw = chance.normals(base, chance.everyone(n * 10)).reshape(n, 10)
    features = np.append(raw, np.ones((n, 1)), axis=1)
    pull = features @ np.linspace(-1, 1, 11)
    late = chance.ats(chance.fold(base, 1), chance.everyone(n)) < 1 / (1 + np.exp(-pull))
    return performative.People(features, late.astype(float))


def test_the_descent_and_the_exact_fit_agree_with_scipy():
    people, penalty = drawn_people(), 0.05

    def loss(theta):
        return performative._loss(people.features @ theta, people.late, theta, penalty)

    wanted = optimize.minimize(loss, np.zeros(11), tol=1e-10).x
    exact = performative.fitted(people.features, people.late, penalty)
    steps = performative.descend(people.features, people.late, penalty, np.zeros(11), 3000)
    assert exact == pytest.approx(wanted, abs=1e-4)
    assert steps == pytest.approx(exact, abs=1e-6)


def test_exact_fits_are_stable_after_one_round():
    people = drawn_people()
    first = performative.fitted(people.features, people.late, 0.05)
    moved = performative.moved(people.features, first, 5.0)
    second = performative.fitted(moved, people.late, 0.05)
    again = performative.moved(people.features, second, 5.0)
    assert performative.fitted(again, people.late, 0.05) == pytest.approx(second, abs=1e-9)
    assert second[:-1] == pytest.approx(first[:-1], abs=1e-9)
    assert abs(second[-1] - first[-1]) > 0.01


# -- E


def test_urns_run_away_and_are_mended():
    result = one("E")
    assert not missed(result)
    assert result.verdict == "holds"
    other = one("E", a=0.6, d=0.3)
    corrected = next(f for f in other.figures if "corrected: mean" in f.name and "un" not in f.name)
    assert corrected.ours == pytest.approx(2 / 3, abs=0.01)
    assert next(f for f in other.figures if "0.3, uncorrected" in f.name).published is None
    for wrong in ({"a": 0.0}, {"d": 1.5}, {"urns": 0}):
        with pytest.raises(QuestionRefused):
            one("E", **wrong)


def test_the_distance_from_even_equals_scipy():
    found = urns.shares(0.75, 0.75, 100, 2000, False, 4)
    assert urns.distance_from_even(found) == pytest.approx(stats.kstest(found, "uniform").statistic)
    assert urns.even_bound(200) == pytest.approx(stats.kstwo.ppf(0.99, 200), rel=0.01)


def test_one_urn_by_hand():
    from xinyong.lab.chance import at

    a, b = 1.0, 1.0
    for draw in range(50):
        here = at(5, draw) < a / (a + b)
        if at(6, draw) < (0.9 if here else 0.4):
            a, b = (a + 1, b) if here else (a, b + 1)
    assert urns.urn(0.9, 0.4, 50, False, 5, 6) == a / (a + b)


# -- F and H


def test_wealth_exchange_holds_in_both_regimes():
    result = one("F", people=200_000, rounds=40)
    assert not missed(result)
    assert one("F", people=1000, rounds=2).figures[0].published is None
    with pytest.raises(QuestionRefused):
        wealth.run(people=10)


def test_ishigami_holds():
    result = one("H", samples=2048)
    assert not missed(result)
    assert [round(f.published, 4) for f in result.figures] == [
        0.3139, 0.5576, 0.4424, 0.4424, 0.0, 0.2437,
    ]  # fmt: skip
    assert not missed(one("H", a=5.0, b=0.05, samples=2048))
