"""Letters as plain text, in English or Chinese, from the same facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from xinyong.decisions import words_en, words_zh
from xinyong.decisions.notice import Notice

Language = Literal["en", "zh-Hans"]


def letter(notice: Notice, language: Language, wording: Mapping[str, str] | None = None) -> str:
    """The letter about a decision as plain text.

    ``wording`` gives the scheme's own sentences in the letter's language. What it does not hold is
    quoted as the scheme has it, and in Chinese marked as the original wording.
    """
    write = words_en.decision if language == "en" else words_zh.decision
    return write(notice, wording or {})


__all__ = ["Language", "letter"]
