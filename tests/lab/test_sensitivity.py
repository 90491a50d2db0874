"""Sobol's indices through SALib: closed forms, and what is refused."""

import math
import sys

import numpy as np
import pytest

from xinyong.errors import QuestionRefused
from xinyong.lab import sensitivity

UNIT = {"a": (0.0, 1.0), "b": (0.0, 1.0), "idle": (2.0, 3.0)}


def test_a_sum_is_split_by_variance():
    found = {
        effect.parameter: effect
        for effect in sensitivity.sobol(lambda p: p["a"] + 2 * p["b"], UNIT, samples=512, seed=3)
    }
    assert found["a"].alone == pytest.approx(0.2, abs=0.02)
    assert found["b"].total == pytest.approx(0.8, abs=0.02)
    assert found["idle"].total == pytest.approx(0.0, abs=1e-9)
    for effect in found.values():
        assert effect.alone_half >= 0 and effect.total_half >= 0


def test_a_product_acts_together_only_in_part():
    centred = {"a": (-1.0, 1.0), "b": (-1.0, 1.0)}
    for effect in sensitivity.sobol(lambda p: p["a"] * p["b"], centred, samples=1024, seed=3):
        assert effect.alone == pytest.approx(0, abs=0.05)
        assert effect.total == pytest.approx(1, abs=0.05)


def test_the_sample_lies_within_bounds_and_repeats():
    drawn = sensitivity.points(UNIT, samples=64, seed=5)
    assert drawn.shape == (64 * 5, 3)
    low, high = np.array(list(UNIT.values())).T
    assert ((drawn >= low) & (drawn <= high)).all()
    assert (drawn == sensitivity.points(UNIT, samples=64, seed=5)).all()
    assert (drawn != sensitivity.points(UNIT, samples=64, seed=6)).any()


def test_indices_repeat_with_the_seed():
    def ask(seed):
        return sensitivity.sobol(lambda p: math.exp(p["a"]) * p["b"], UNIT, samples=64, seed=seed)

    assert ask(0) == ask(0)
    assert ask(1) == ask(1)
    assert ask(1) != ask(2)


def test_a_result_that_does_not_vary_has_no_indices():
    found = sensitivity.sobol(lambda p: 4.0, UNIT, samples=64, seed=1)
    assert all(math.isnan(effect.total) for effect in found)


def test_what_cannot_be_asked_is_refused():
    with pytest.raises(QuestionRefused, match="the bounds of 'a'"):
        sensitivity.points({"a": (1.0, 1.0)}, samples=64, seed=1)
    for samples in (0, 1, 100):
        with pytest.raises(QuestionRefused, match="cannot be drawn"):
            sensitivity.points(UNIT, samples=samples, seed=1)
    with pytest.raises(QuestionRefused, match="do not fit"):
        sensitivity.effects(UNIT, [1.0, 2.0], seed=1)


def test_without_salib_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "SALib.analyze", None)
    with pytest.raises(QuestionRefused, match="SALib is not installed") as caught:
        sensitivity.points(UNIT, samples=64, seed=1)
    assert "xinyong[lab]" in str(caught.value)
