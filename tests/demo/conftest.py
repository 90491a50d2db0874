"""One small town, drawn and scored once for all tests of the demo."""

from pathlib import Path

import pytest

from xinyong.demo.run import DemoResult, run

SEED, PEOPLE, FIRMS = 20_260, 1_000, 60


@pytest.fixture(scope="session")
def said() -> list[str]:
    return []


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, said: list[str]) -> DemoResult:
    out: Path = tmp_path_factory.mktemp("demo")
    return run(out, people=PEOPLE, firms=FIRMS, seed=SEED, say=said.append)
