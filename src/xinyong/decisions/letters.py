"""Letters as plain text, in English or Chinese, from the same facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from xinyong.decisions import told_en, told_zh, words_en, words_zh
from xinyong.decisions.notice import Notice
from xinyong.decisions.told import Told

Language = Literal["en", "zh-Hans"]


def letter(
    facts: Notice | Told, language: Language, wording: Mapping[str, str] | None = None
) -> str:
    """A letter as plain text: the notice of a decision, or a short letter.

    ``wording`` gives the scheme's own sentences in the letter's language. What it does not hold is
    quoted as the scheme has it, and in Chinese marked as the original wording.
    """
    said = wording or {}
    if isinstance(facts, Notice):
        write = words_en.decision if language == "en" else words_zh.decision
        return write(facts, said)
    tell = told_en.told if language == "en" else told_zh.told
    return tell(facts, said)


__all__ = ["Language", "letter"]
