"""One subject through the compiled plan: the whole outcome equals the plain engine's."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import days_and_known, histories, schemes

from xinyong.engine import plain
from xinyong.engine.batch import chosen_engine
from xinyong.engine.carried import carried, unpacked
from xinyong.engine.single import packed, score_one


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_one_subject_equals_plain(data: st.DataObject) -> None:
    scheme = data.draw(schemes())
    day, known = data.draw(days_and_known(scheme))
    events = data.draw(histories(scheme))
    for subject in ("s0", "s1", "nobody"):
        mine = packed(scheme, events, subject=subject)
        wanted = plain.score(scheme, events, subject=subject, day=day, known_by=known)
        assert score_one(mine, day=day, known_by=known) == wanted
        if chosen_engine() == "numba":
            again = unpacked(scheme, carried(mine), subject=subject)
            assert score_one(again, day=day, known_by=known) == wanted
            assert carried(again) == carried(mine)
