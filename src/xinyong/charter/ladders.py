"""Our ladders: which contexts there are, how grave conduct and consequences are.

They are this project's own proposal, not a legal text. Two different contexts are unrelated
unless the scheme gives a legal reference for the tie. A consequence may weigh one step more than
the conduct behind it, and never six.
"""

from __future__ import annotations

from typing import Final

CONTEXTS: Final = frozenset(
    """finance.credit finance.payment commerce rental utilities tax court transport health
    education employment housing family neighbourhood civic speech speech_politics_religion
    social_graph location biometric leisure identity""".split()
)
"""Words for where data arise and consequences fall; ``admin.<field>`` beside them."""

CONDUCT: Final = ("lawful", "minor", "general", "serious", "wilful breach of judgment or crime")
"""Gravity of conduct, from 0."""

CONSEQUENCE: Final = (
    "information",
    "a perk not given",
    "closer checks",
    "a dearer price or a deposit",
    "refusal of a service that is not essential",
    "mobility, office, credit or schooling",
    "an essential service, livelihood or dignity",
)
"""Gravity of consequences, from 0."""

CONTRACT: Final = 3
"""A contract kept or broken is weighed as serious: what was lent or promised is at stake."""

HARD_CASE: Final = 5
"""From here on a tie between contexts is told as a hard case even where a law is cited."""


def known_context(word: str) -> bool:
    """Whether the vocabulary holds a context."""
    return word in CONTEXTS or (word.startswith("admin.") and len(word) > len("admin."))


def most_grave(conduct: int) -> int:
    """The gravest consequence that conduct of this gravity may have."""
    return min(conduct + 1, 5)
