"""Set-up shared by every test."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

# No deadline, since the first call of a compiled function is slow. Fresh examples on
# every run; a failing one is printed in a form that can be replayed.
settings.register_profile("ci", deadline=None, derandomize=False, print_blob=True)
settings.load_profile("ci")

# Small jobs would be left to the NumPy engine until the other is compiled: here, what was compiled
# before must not decide what is tested.
if find_spec("numba") is not None:
    os.environ.setdefault("XINYONG_ENGINE", "numba")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Runs fast tests first; the order is otherwise kept."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real data: XINYONG_DATA, or ``shared/data`` beside the repository."""
    named = os.environ.get("XINYONG_DATA")
    folder = Path(named) if named else Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.fail(
            f"the real data these tests read are not at {folder};"
            " put them there or name their folder in XINYONG_DATA"
        )
    return folder
