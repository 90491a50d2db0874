"""docs/seen-and-guessed.md: how well each number of each scheme is known."""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from docs_charter import MADE

from xinyong.scheme import library

# The reader of sources.md that the library's own tests use: one way to say one thing.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "library"))

from numbers_in import SourceRow, numbers_of, source_rows

MARKS = {
    "[P]": "primary text: a law, an official page",
    "[S]": "secondary source: press, encyclopaedia, a law firm's note",
    "[M]": "from memory, no page at hand: never quote it as a fact",
    "[G]": "our own guess or judgement",
}
WEAKEST = ("[G]", "[M]", "[S]", "[P]")

LADDER, REST = "how grave it is, on our own ladder", "the rest"

KINDS = {
    "days, years, articles and ages": "in_force law_read impact_assessment min_age legal_basis",
    "points, tables and caps": "",
    "start, floor and ceiling": "",
    "edges of bands": "bands",
    "windows and terms of variables, dated parameters": "variables families parameters",
    "what is read, and how long it is kept": "data_sets",
    LADDER: "",
    "grounds, terms and clocks of lists": "lists",
    "what follows: thresholds and clocks": "consequences",
    "rights and logs": "rights logs",
    REST: "",
}
_OF = {word: kind for kind, words in KINDS.items() for word in words.split()}


@dataclass(frozen=True)
class Held:
    """One number of a scheme: where it stands, what it is, how well it is known."""

    place: str
    number: str
    mark: str
    row: SourceRow

    @property
    def kind(self) -> str:
        steps = self.place.split(".")
        if steps[-1] == "gravity":
            return LADDER
        if steps[0] == "score":
            whole = len(steps) > 1 and steps[1] in ("start", "floor", "ceiling")
            return "start, floor and ceiling" if whole else "points, tables and caps"
        return _OF.get(steps[0], REST)


def held(name: str) -> tuple[list[Held], list[SourceRow]]:
    """Every number of a scheme with the weakest mark of the rows that hold it; the rows."""
    rows = source_rows(library.sources(name) or "")
    found = []
    for place, number in numbers_of(library.locate(name).read_text(encoding="utf-8")):
        fits = [row for row in rows if row.covers(place) and number in row.numbers]
        if fits:
            row = min(fits, key=lambda one: WEAKEST.index(one.mark))
            found.append(Held(place, number, row.mark, row))
    return found, rows


def page() -> str:
    """The whole page."""
    schemes = {name: held(name) for name in library.names()}
    numbers = [one for found, _ in schemes.values() for one in found]
    return "\n".join([*_head(numbers), *_by_kind(numbers), *_by_scheme(schemes), *_all(schemes)])


def _head(numbers: list[Held]) -> Iterator[str]:
    counts = Counter(one.mark for one in numbers)
    yield from (
        "# What was seen and what is guessed",
        "",
        MADE,
        "",
        "Every number of every scheme in the library carries a mark that says how well it is",
        "known. The marks stand in each scheme's `sources.md`; a test fails when a number has",
        "none. This page counts them. A number that stands in several rows has the weakest mark.",
        "",
        "| mark | means | numbers |",
        "|---|---|---:|",
        *(f"| {mark} | {said} | {counts[mark]:,} |" for mark, said in MARKS.items()),
        f"| | all | {len(numbers):,} |",
        "",
        f"So {_share(counts['[G]'], len(numbers))} of all numbers are ours. They make a scheme"
        " run; they describe nobody's practice.",
        "Do not quote a score from this library as what a city or a firm would have said. A guess",
        "may still be a good rule of our own, as in `a-fair-start`, which describes no system that",
        "exists.",
        "",
    )


def _share(part: int, whole: int) -> str:
    return f"{round(100 * part / whole)} in 100" if whole else "none"


def _counts(counts: Counter[str]) -> str:
    return " | ".join(str(counts[mark]) for mark in MARKS)


def _seen(counts: Counter[str]) -> float:
    return (counts["[P]"] + counts["[S]"]) / max(sum(counts.values()), 1)


def _by_kind(numbers: list[Held]) -> Iterator[str]:
    counts = {kind: Counter(one.mark for one in numbers if one.kind == kind) for kind in KINDS}
    order = sorted(counts, key=lambda kind: -_seen(counts[kind]))
    best, *_, least = (kind for kind in order if kind not in (LADDER, REST))
    yield from (
        "## What is known best and least",
        "",
        f"Known best: {best} ({_share_seen(counts[best])} were read somewhere). Known least:"
        f" {least} ({_share_seen(counts[least])}).",
        "How grave something is cannot be read anywhere: the ladder is our own.",
        "",
        "| kind of number | [P] | [S] | [M] | [G] | read somewhere |",
        "|---|---:|---:|---:|---:|---:|",
    )
    for kind in order:
        yield f"| {kind} | {_counts(counts[kind])} | {_share_seen(counts[kind])} |"
    yield ""


def _share_seen(counts: Counter[str]) -> str:
    return _share(counts["[P]"] + counts["[S]"], sum(counts.values()))


def _by_scheme(schemes: dict[str, tuple[list[Held], list[SourceRow]]]) -> Iterator[str]:
    yield from (
        "## Scheme by scheme",
        "",
        "Best known first.",
        "",
        "| scheme | [P] | [S] | [M] | [G] | read somewhere |",
        "|---|---:|---:|---:|---:|---:|",
    )
    counts = {name: Counter(one.mark for one in found) for name, (found, _) in schemes.items()}
    for name in sorted(counts, key=lambda name: (-_seen(counts[name]), name)):
        said = f"{_counts(counts[name])} | {_share_seen(counts[name])}"
        yield f"| [{name}](schemes/{name}.md) | {said} |"
    yield ""


def _all(schemes: dict[str, tuple[list[Held], list[SourceRow]]]) -> Iterator[str]:
    yield from (
        "## Every number",
        "",
        "By mark, best known first. *How many* counts how often such numbers stand in the file.",
        "The reason or source of each row is on the scheme's own page.",
    )
    for name, (found, rows) in schemes.items():
        yield from (
            "",
            f"### {name}",
            "",
            "| mark | where | numbers | how many |",
            "|---|---|---|---:|",
        )
        for mark in MARKS:
            for row in rows:
                mine = [one for one in found if one.row is row and one.mark == mark]
                if mine:
                    where = ", ".join(f"`{place}`" for place in row.places)
                    values = ", ".join(dict.fromkeys(one.number for one in mine))
                    yield f"| {mark} | {where} | {values} | {len(mine)} |"
    yield ""
