"""The worked example of docs/language.md, and its variations."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def worked_example() -> str:
    """The first YAML block of the language reference."""
    page = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    found = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert found is not None
    return found[1]


EXAMPLE = worked_example()


def changed(*pairs: tuple[str, str]) -> str:
    """The example with the first occurrence of each text replaced; it has to be there."""
    text = EXAMPLE
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def spot(text: str, mark: str) -> tuple[int, int]:
    """Line and column of the first occurrence of ``mark``."""
    index = text.index(mark)
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)
