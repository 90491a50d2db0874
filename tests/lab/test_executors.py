"""Clusters: the same bytes as one process, errors as they were raised, and nothing left running."""

import sys
import threading
from concurrent.futures import wait

import psutil
import pytest
from test_experiment import SMALL, bytes_of, compare

from xinyong.errors import QuestionRefused
from xinyong.lab import executors
from xinyong.lab.scenario import NO_SCHEME, default

ray = pytest.mark.slow
"""Starting Ray takes about five seconds."""


def _squared(n: int) -> int:
    if n < 0:
        raise QuestionRefused("below nothing", where="here", why="told so", mend="give 0")
    return n * n


def _ray_processes() -> list[str]:
    children = psutil.Process().children(recursive=True)
    return [one.name() for one in children if one.is_running() and one.status() != "zombie"]


@ray
def test_ray_gives_the_bytes_of_one() -> None:
    told: list[tuple[int, int]] = []
    again = compare(SMALL, executor="ray", workers=2, progress=lambda *now: told.append(now))
    assert bytes_of(again.table) == bytes_of(compare(SMALL).table)
    assert told[0] == (0, 9 * 24) and told[-1] == (9 * 24, 9 * 24)
    assert not [name for name in _ray_processes() if "ray" in name or "gcs" in name]


@ray
def test_ray_is_told_of_nobody_and_hands_errors_back_whole() -> None:
    import ray as library
    from ray._common.usage import usage_lib

    with executors.executor("ray", workers=2) as place:
        assert place.workers == 2 and place.months() is None
        assert library.cluster_resources()["CPU"] == 2
        asked = [place.pool.submit(_squared, n) for n in (3, -1, 5)]
        done, late = wait(asked, timeout=60)
        assert len(done) == 3 and not late
        assert [future.result() for future in (asked[0], asked[2])] == [9, 25]
        with pytest.raises(QuestionRefused) as refused:
            asked[1].result()
        assert type(refused.value) is QuestionRefused
        assert (refused.value.why, refused.value.mend) == ("told so", "give 0")
        # a second place within the first uses what is there, and leaves it
        with executors.executor("ray", workers=1) as same:
            assert same.workers == 2
        assert library.is_initialized()
        assert usage_lib.usage_stats_enabled() is False
    assert not library.is_initialized()


@ray
def test_an_interruption_leaves_no_ray_behind() -> None:
    def stop(done: int, _whole: int) -> None:
        if done > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare(SMALL, executor="ray", workers=2, progress=stop)
    import ray as library

    assert not library.is_initialized()
    assert not [name for name in _ray_processes() if "ray" in name or "gcs" in name]


def test_a_cluster_that_does_not_answer_is_told() -> None:
    with pytest.raises(QuestionRefused, match="no Ray cluster answers") as refused:
        compare(SMALL, executor="ray", address="127.0.0.1:1")
    assert "ray start" in refused.value.mend


@pytest.mark.parametrize(
    ("name", "module", "extra"),
    [("ray", "ray", "xinyong[ray]"), ("dask", "distributed", "xinyong[dask]")],
)
def test_an_extra_that_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, module: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(QuestionRefused, match="is not installed") as refused:
        compare(SMALL, executor=name, workers=2)
    assert extra in refused.value.mend and "processes" in refused.value.mend


def test_one_worker_of_a_cluster_is_still_a_cluster() -> None:
    """What is told of months cannot be sent there; only this process can tell."""
    told: list[tuple[int, int]] = []
    town = default("rongcheng", NO_SCHEME, people=200, years=1, seeds=2)
    lock = threading.Lock()  # a thing that cannot be sent

    def tell(done: int, whole: int) -> None:
        with lock:
            told.append((done, whole))

    again = compare(town, executor="dask", workers=1, progress=tell)
    assert bytes_of(again.table) == bytes_of(compare(town).table)
    assert told[-1] == (48, 48)
