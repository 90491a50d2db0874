"""The whole page about a scheme: what it says, whom it can hurt, what law says, its sources."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from typing import TYPE_CHECKING

from xinyong.face.charter import charter_report
from xinyong.face.given import as_day
from xinyong.face.schemes import SchemeLike, load
from xinyong.scheme import library
from xinyong.scheme.model import Consequence, Scheme

if TYPE_CHECKING:
    from xinyong.charter.asked import Whole
    from xinyong.charter.check import Report
    from xinyong.charter.words import Finding


@dataclass(frozen=True, slots=True)
class SchemePage:
    """A scheme for a lay reader: ``text`` in Markdown, the charter's ``report``, ``sources``.

    ``sources`` is the text of ``sources.md`` beside a scheme folder's file, None without one.
    """

    scheme: Scheme
    report: Report
    sources: str | None
    text: str


def scheme_page(
    scheme: SchemeLike,
    *,
    place: str | Iterable[str] | None = None,
    day: date | str | None = None,
) -> SchemePage:
    """A scheme with everything a reader needs in order to judge it.

    ``place`` is as in :func:`~xinyong.face.charter.charter_report`; ``day`` is the day as of which
    law is read, by default the day as of which the clauses were written; the page says which.

    Raises SchemeNotFound, SchemeRefused for a scheme with errors, QuestionRefused for a place or
    day unknown.
    """
    from xinyong.charter.asked import Whole
    from xinyong.charter.clauses.ours import LAW_READ
    from xinyong.scheme.binding import bind
    from xinyong.scheme.page import body, head

    known = load(scheme)
    report = charter_report(scheme, place=place, day=LAW_READ if day is None else as_day(day))
    whole = Whole(bind(known))
    sources = None if isinstance(scheme, Scheme) else sources_of(scheme)
    opening = [] if isinstance(scheme, Scheme) else opening_words(scheme)
    parts = [
        head(known),
        *([_section("In short", opening)] if opening else []),
        _section("Whom it can hurt", hurts(whole)),
        body(whole.bound),
        _section("What the charter says", findings_said(known, report)),
    ]
    if sources is not None:
        parts.append(_section("Where its numbers come from", _demoted(sources)))
    return SchemePage(known, report, sources, "\n".join(parts))


def sources_of(name_or_path: str | os.PathLike[str]) -> str | None:
    """The sources of a library scheme or scheme folder; a file by another name has none."""
    asked = os.fspath(name_or_path)
    known = library.locate(asked).name == library.SCHEME_FILE
    return library.sources(asked) if known else None


def opening_words(name_or_path: str | os.PathLike[str]) -> list[str]:
    """The comment at the head of a scheme's file, in which its authors say what it is."""
    text = library.locate(name_or_path).read_text(encoding="utf-8")
    lines = takewhile(lambda line: line.startswith("#"), text.splitlines())
    return "\n".join(line[1:].removeprefix(" ") for line in lines).strip().splitlines()


def _section(title: str, lines: Iterable[str]) -> str:
    return "\n".join([f"## {title}", "", *lines]) + "\n"


def _demoted(text: str) -> Iterator[str]:
    """The text of a sources.md one level down, without its own title."""
    lines = text.strip().splitlines()
    if lines and lines[0].startswith("# "):
        lines = "\n".join(lines[1:]).strip().splitlines()
    yield from (f"#{line}" if line.startswith("#") else line for line in lines)


# ------------------------------------------------------------------ whom it can hurt


def hurts(whole: Whole) -> Iterator[str]:
    """Burdens, lists and what they rest on, one sentence after the other, worst first."""
    scheme = whole.scheme
    burdens = [spec for spec in scheme.consequences if spec.kind == "burden"]
    said = [
        *(_burden(scheme, spec) for spec in sorted(burdens, key=lambda s: -(s.gravity or 0))),
        *_lists(scheme),
        *_grounds(whole),
    ]
    if not burdens and not scheme.lists:
        yield (
            "- No burden follows and nobody is listed. Whoever has fewer points goes without what"
            " others get."
        )
    yield from (f"- {text}" for text in said)


def _burden(scheme: Scheme, spec: Consequence) -> str:
    from xinyong.charter.ladders import CONSEQUENCE

    weight = (
        "How hard it hits is not said."
        if spec.gravity is None
        else f"It weighs {spec.gravity} of 6: {CONSEQUENCE[spec.gravity]}."
    )
    letter = spec.notice or scheme.rights.notice
    said = [f"**{spec.id}**: {spec.effect}.", weight]
    if spec.essential:
        said.append("It keeps people from something that nobody can do without.")
    if spec.spills_on:
        said.append(f"It also hits others: {', '.join(spec.spills_on)}.")
    if spec.visible == "public":
        said.append("It happens before everybody's eyes.")
    if spec.automated == "solely":
        said.append("A machine alone decides.")
    if letter is None or letter.within is None:
        said.append("Nobody promises to tell the subject of it in any set time.")
    if spec.appeal is None and scheme.rights.review is None:
        said.append("Nobody reviews it.")
    return " ".join(said)


def _lists(scheme: Scheme) -> Iterator[str]:
    for spec in scheme.lists.values():
        said = [f"The list “{spec.title}” is shown to: {spec.publish}."]
        if spec.remove_when is None and spec.lasts is None:
            said.append("Nothing ends an entry.")
        elif spec.lasts is None:
            said.append("An entry has no term.")
        if spec.wrongful is None and scheme.rights.wrongful is None:
            said.append("Nothing makes good a wrong entry.")
        yield " ".join(said)


_SENSITIVE = {
    "special": "of health, belief, blood or the like",
    "protected": "of a protected ground such as sex or origin",
    "age": "of a person's age",
    "biometric": "of a face, a voice or another mark of the body",
    "location": "of where people are",
    "social_network": "from a social network",
}


def _grounds(whole: Whole) -> Iterator[str]:
    """On what points are lost that people may not answer for, or cannot check."""

    spec_of = {
        kind: whole.scheme.data_sets[name].events[kind]
        for kind, name in whole.bound.data_set_of.items()
    }

    def titles(kinds: Iterable[str]) -> str:
        return "; ".join(spec_of[kind].title or kind.replace("_", " ") for kind in kinds)

    for kinds, before in (
        (
            [kind for kind in whole.lowering if spec_of[kind].conduct == "lawful"],
            "Points are lost or withheld over what people are free to do or to leave",
        ),
        (
            [kind for kind in whole.scored if spec_of[kind].conduct == "third_party"],
            "What other people do counts",
        ),
        (
            [kind for kind in whole.lowering if spec_of[kind].established == "opinion"],
            "Points are lost or withheld over what somebody has to judge and nobody could check",
        ),
        (
            [kind for kind in whole.lowering if spec_of[kind].adjudicated is False],
            "Points are lost or withheld before a court or authority has finally decided",
        ),
        (
            [kind for kind in whole.scored if _unchecked(whole.scheme, kind)],
            "What others report, and nobody checks, counts",
        ),
    ):
        if kinds:
            yield f"{before}: {titles(kinds)}."
    for category, words in _SENSITIVE.items():
        told = [
            kind
            for kind in whole.scored
            if category
            in (spec_of[kind].category, *(f.category for f in spec_of[kind].fields.values()))
        ]
        if told:
            yield f"It counts data {words}: {titles(told)}."


def _unchecked(scheme: Scheme, kind: str) -> bool:
    data_set = next(d for d in scheme.data_sets.values() if kind in d.events)
    checked = data_set.quality is not None and data_set.quality.verified_by is not None
    return data_set.collected_from == "informant" and not checked


# ------------------------------------------------------------------ what the charter says


def findings_said(scheme: Scheme, report: Report) -> Iterator[str]:
    """The charter's report in Markdown: verdict, day and places, every finding by clause."""
    from xinyong.charter.clauses import CLAUSES
    from xinyong.charter.clauses.ours import LAW_READ
    from xinyong.charter.words import DISCLAIMER, SEVERITY_MEANING, VERDICT_MEANING, places_said

    written = "the day as of which its clauses were written"
    as_of = written if report.day == LAW_READ else f"its clauses were written as of {LAW_READ}"
    yield f"Read for {places_said(report.places)} on {report.day} ({as_of}):"
    yield f"**{report.verdict}**. That is: {VERDICT_MEANING[report.verdict]}."
    yield f"{_counted(report)} {DISCLAIMER}"
    title = {one.id: one.title for one in CLAUSES}
    for severity in sorted({finding.severity for finding in report.findings}, reverse=True):
        yield from ("", f"### {severity.name}: {SEVERITY_MEANING[severity]}")
        of_clause: dict[str, list[Finding]] = {}
        for finding in report.findings:
            if finding.severity == severity:
                of_clause.setdefault(finding.clause, []).append(finding)
        for clause, found in of_clause.items():
            law = f": {'; '.join(found[0].law)}" if found[0].law else ""
            open_ = all(str(finding.state) == "unknown" for finding in found)
            said = "The scheme does not say enough" if open_ else title[clause]
            yield from ("", f"**{clause}** {said} ({found[0].basis}{law})", "")
            for finding in found:
                yield from _finding(scheme, finding)


def _counted(report: Report) -> str:
    count = len(report.findings)
    silent = sum(1 for state in report.states.values() if state == "silent")
    return (
        f"{count or 'No'} finding{'' if count == 1 else 's'}; of {len(report.states)} clauses"
        f" {silent or 'none'} {'is' if silent == 1 else 'are'} silent there and then."
    )


def _finding(scheme: Scheme, finding: Finding) -> Iterator[str]:
    yield f"- {place_said(scheme, finding.path)}: {finding.why}."
    if finding.trail is not None:
        yield f"  - From datum to consequence: `{finding.trail}`"
    yield f"  - To mend: {finding.mend}."


def place_said(scheme: Scheme, path: tuple[str | int, ...]) -> str:
    """A place in the document, with entries of lists by their names: ``consequences.R4.when``."""
    names: dict[str | int, list[str]] = {
        "consequences": [spec.id for spec in scheme.consequences],
        "shares": [share.recipient for share in scheme.shares],
        "bands": [band.name for band in scheme.bands],
    }
    steps = [str(step) for step in path]
    if len(path) > 1 and path[0] in names and isinstance(path[1], int):
        steps[1] = names[path[0]][path[1]]
    return f"`{'.'.join(steps)}`" if steps else "The whole document"


def linked(text: str, where: str) -> str:
    """A page whose clauses, in bold, lead to their own pages in the folder ``where``."""
    return re.sub(r"^\*\*([A-Z]\d\d-[a-z-]+)\*\*", rf"**[\1]({where}/\1.md)**", text, flags=re.M)


__all__ = ["SchemePage", "findings_said", "hurts", "linked", "place_said", "scheme_page"]
