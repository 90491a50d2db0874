"""A scheme as a page for a lay reader, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from xinyong.scheme.binding import bind
from xinyong.scheme.bound import Bound, BoundBins, BoundLine
from xinyong.scheme.model import DataSet, Rights, Scheme
from xinyong.scheme.wording import (
    band_words,
    consequence_words,
    data_set_words,
    line_words,
    list_words,
    plain,
    reasons_words,
    row_words,
)


def page(scheme: Scheme) -> str:
    """What a scheme is for, reads, counts and leads to, as Markdown.

    Raises :class:`~xinyong.errors.SchemeRefused` where names or types do not fit.
    """
    return head(scheme) + "\n" + body(bind(scheme))


def head(scheme: Scheme) -> str:
    """The heading of the page: what the scheme is for, who runs it, who is scored."""
    return "\n".join(_head(scheme)) + "\n"


def body(bound: Bound) -> str:
    """Everything below the heading: data, points, bands, lists, what follows, rights."""
    scheme = bound.scheme
    parts = [
        *_data(scheme),
        *_points(bound),
        *_bands(bound),
        *_lists(bound),
        *_consequences(bound),
        *_shares(scheme),
        *_rights(scheme.rights),
    ]
    return "\n".join(parts[1:]) + "\n"


def _head(scheme: Scheme) -> Iterator[str]:
    yield f"# {scheme.title}"
    yield ""
    until = f" to {scheme.in_force.until}" if scheme.in_force.until else ""
    place = f", {', '.join(scheme.jurisdiction)}" if scheme.jurisdiction else ""
    yield f"{scheme.scheme} {scheme.version}, in force from {scheme.in_force.since}{until}{place}"
    yield ""
    if scheme.use == "lab":
        yield "For study only: it is never used on anyone."
        yield ""
    yield f"- **What it is for**: {scheme.purpose}."
    if scheme.used_for:
        yield f"- **What the score is used for**: {', '.join(plain(u) for u in scheme.used_for)}."
    yield from _operator(scheme)
    yield f"- **Who is scored**: every {plain(scheme.subjects)} it is asked about{_age(scheme)}."
    if scheme.mix_in:
        yield f"- **Taken from the library**: parts of {', '.join(scheme.mix_in)}."
    yield f"- **What anyone can read of it**: {_published(scheme)}."


def _age(scheme: Scheme) -> str:
    if scheme.min_age is not None:
        return f", from the age of {scheme.min_age} on"
    return "; from which age on is not said" if scheme.subjects in ("person", "group") else ""


def _operator(scheme: Scheme) -> Iterator[str]:
    operator = scheme.operator
    if operator is None:
        yield "- **Who runs it**: nobody is named."
        return
    contact = f" ({operator.contact})" if operator.contact else ""
    yield f"- **Who runs it**: {operator.name}, {operator.kind}{contact}."
    if operator.licence is not None:
        yield f"- **Licence to score**: {operator.licence}."
    elif operator.kind != "public":
        yield "- **Licence to score**: none is named."
    if operator.interests:
        yield f"- **What else it gains**: it {', '.join(operator.interests)}."
    if operator.sells:
        yield f"- **Its own sales among the data**: {', '.join(plain(s) for s in operator.sells)}."


def _published(scheme: Scheme) -> str:
    said = scheme.published
    if said is None:
        return "nothing"
    shown = [
        word
        for word, open_ in (
            ("what counts", said.factors),
            ("how many points it brings", said.points),
            ("what follows", said.consequences),
        )
        if open_
    ]
    rules = [f"the rules ({said.rules})"] if said.rules else []
    return ", ".join([*rules, *shown]) or "nothing"


_GIVEN = {
    "subject": "the subject tells it",
    "sensor": "sensors measure it",
    "informant": "other people report it",
    "inferred": "nobody says it, it is inferred",
    "another scheme": "it is the list or score of another scheme",
}


def _given(data_set: DataSet) -> str:
    """What a reader should know about how the data come in, beyond their source."""
    said = [_GIVEN[data_set.collected_from]] if data_set.collected_from in _GIVEN else []
    if data_set.collected_from == "informant":
        checked = data_set.quality.verified_by if data_set.quality is not None else None
        said.append(f"checked by {checked}" if checked else "and nobody checks it")
    if data_set.reused is not None:
        said.append(f"collected by {data_set.reused.operator} for {data_set.reused.collected_for}")
    consent = data_set.consent
    if data_set.basis == "consent" and consent is not None:
        for words, so in (
            ("the box is ticked beforehand", consent.default == "on"),
            ("the consent is bundled with something else", consent.bundled),
            ("it cannot be taken back", not consent.withdrawable),
        ):
            if so:
                said.append(words)
    return "".join(f"; {words}" for words in said)


def _data(scheme: Scheme) -> Iterator[str]:
    yield from ("", "## What is read", "")
    for name, data_set in scheme.data_sets.items():
        words = data_set_words(data_set) + _given(data_set)
        yield f"- **{data_set.title or plain(name)}**: {words}"
        for kind, event in data_set.events.items():
            title = event.title or plain(kind)
            fields = ", ".join(spec.title or plain(field) for field, spec in event.fields.items())
            yield f"  - {title}{f': {fields}' if fields else ''}"


def _points(bound: Bound) -> Iterator[str]:
    score = bound.scheme.score
    yield from ("", "## How points are earned", "")
    if isinstance(score.start, int):
        yield f"Everyone starts with {score.start} points."
    else:
        for row in score.start:
            yield f"- {row.says}: start with {row.points} points"
        yield ""
    yield f"The score is never below {score.floor} and never above {score.ceiling}."
    headings = list(dict.fromkeys(line.dimension for line in bound.lines))
    for heading in headings:
        if heading is not None:
            spec = score.dimensions.get(heading)
            yield from ("", f"### {spec.title if spec else plain(heading)}")
            limits = []
            if spec is not None and spec.at_least is not None:
                limits.append(f"at least {spec.at_least}")
            if spec is not None and spec.at_most is not None:
                limits.append(f"at most {spec.at_most}")
            if limits:
                yield from ("", f"All lines of this heading together: {', '.join(limits)} points.")
        for line in bound.lines:
            if line.dimension == heading:
                yield from _line(bound, line)
    if len(bound.scheme.families) > 0:
        yield ""
        yield f"{len(bound.variables):,} variables are computed in all."


def _line(bound: Bound, line: BoundLine) -> Iterator[str]:
    if not isinstance(line, BoundBins):
        yield from ("", f"**{line.id}** {line.says}: {line_words(bound, line)}")
        return
    variable = bound.variables[line.variable]
    yield from ("", f"**{line.id}** {variable.title}. {line_words(bound, line)}", "")
    yield "| value | points | what you are told |"
    yield "|---|---:|---|"
    for words, row in zip(row_words(line, variable), line.rows, strict=True):
        yield f"| {_cell(words)} | {row.points} | {_cell(row.says)} |"
    yield f"| unknown | {line.missing_points} | {_cell(line.missing_says)} |"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _bands(bound: Bound) -> Iterator[str]:
    yield from ("", "## Bands", "")
    for name, words in band_words(bound):
        yield f"- **{name}**: {words}"


def _lists(bound: Bound) -> Iterator[str]:
    if bound.scheme.lists:
        yield from ("", "## Lists", "")
    for name, spec in bound.scheme.lists.items():
        yield f"- **{spec.title}**: {list_words(bound, name, spec)}"
        if spec.fields:
            yield f"  - An entry shows: {', '.join(plain(field) for field in spec.fields)}."


def _consequences(bound: Bound) -> Iterator[str]:
    yield from ("", "## What follows", "")
    for spec in bound.scheme.consequences:
        yield f"- **{spec.id}** {consequence_words(bound, spec)}"
    if not bound.scheme.consequences:
        yield "Nothing follows from the score."


_RELIED = {
    None: "how much their own decision rests on it is not said",
    "none": "no decision of theirs rests on it",
    "weak": "their own decision rests on it weakly",
    "strong": "their own decision rests on it strongly",
}


def _shares(scheme: Scheme) -> Iterator[str]:
    if not scheme.shares:
        return
    yield from ("", "## Who else learns of it", "")
    for share in scheme.shares:
        if share.consent:
            asked = "only if the subject agrees to that recipient"
        elif share.law is not None:
            asked = f"nobody is asked; ordered by {share.law}"
        else:
            asked = "nobody is asked"
        relied = _RELIED[share.reliance]
        yield (
            f"- **{share.recipient}** ({share.kind}): the {share.what}, for this: {share.purpose};"
            f" {asked}; {relied}."
        )


def _rights(rights: Rights) -> Iterator[str]:
    yield from ("", "## Your rights", "")
    said = list(rights_words(rights))
    yield from (f"- {text}" for text in said or ["This scheme grants none."])


def rights_words(rights: Rights) -> Iterator[str]:
    """What the person scored can do, one sentence each."""
    if rights.access is not None:
        shows = f": {', '.join(rights.access.shows)}" if rights.access.shows else ""
        yield f"You can see what is held about you (free of charge: {rights.access.free}){shows}."
    if rights.dispute is not None:
        mark = f"marked within {rights.dispute.mark}, " if rights.dispute.mark else ""
        left = "left out" if rights.dispute.suspends else "still counted"
        yield (
            f"You can dispute a record: it is {mark}decided within {rights.dispute.decide},"
            f" and {left} meanwhile."
        )
    if rights.repair is not None:
        within = f", within {rights.repair.removes_within}" if rights.repair.removes_within else ""
        yield f"A record can be mended when: {rights.repair.when}{within}."
    if rights.notice is not None:
        within = f" within {rights.notice.within}" if rights.notice.within else ""
        yield f"You are told of every burden{within}{reasons_words(rights.notice.reasons)}."
    if rights.review is not None:
        yield f"A burden can be reviewed by {rights.review.to} within {rights.review.within}."
    if rights.counterfactual:
        yield "You are told what change of the data would change the result."
    if rights.statement:
        yield "A statement of your own is kept with the record."
    if rights.wrongful is not None:
        yield f"What makes good a wrong decision: {rights.wrongful}."
