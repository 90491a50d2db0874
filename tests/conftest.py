"""Set-up shared by every test."""

import pytest
from hypothesis import settings

# No deadline, since the first call of a compiled function is slow. Fresh examples on
# every run; a failing one is printed in a form that can be replayed.
settings.register_profile("ci", deadline=None, derandomize=False, print_blob=True)
settings.load_profile("ci")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Runs fast tests first; the order is otherwise kept."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)
