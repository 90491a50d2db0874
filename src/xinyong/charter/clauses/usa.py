"""Clauses whose leading text is a law of the United States."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xinyong.charter import laws
from xinyong.charter.asked import Asked
from xinyong.charter.clause import Objection, clause
from xinyong.charter.clocks import longer
from xinyong.charter.words import Place, Severity
from xinyong.days import Term

MOST_REASONS: Final = 4


@clause(
    "D05-protected",
    Severity.FORBID,
    laws.ECOA.at("Reg B 1002.5, 1002.6"),
    laws.CREDIT_DIRECTIVE.at("art. 6", mark="M"),
    laws.GDPR.at("art. 9"),
    people=True,
)
def protected(asked: Asked) -> Iterator[Objection]:
    """A protected ground is an input.

    Race, colour, religion, national origin, sex, marital status, public assistance, the use of
    one's rights: none may count (Reg B 1002.5 and 1002.6). Age may, only in a system that was
    derived from data and tested, and never against the old: a warning.
    """
    for path, kind, _, _, category in asked.categories():
        if kind not in asked.scored or category not in ("protected", "age"):
            continue
        age = category == "age"
        yield Objection(
            path,
            f"'{kind}' holds {'a person’s age' if age else 'a protected ground'}, and it counts",
            "take it out" + ("; or keep to Reg B 1002.6(b)(2)" if age else ""),
            asked.scored[kind],
            Severity.WARN if age else None,
        )


@clause(
    "D06-proxy",
    Severity.WARN,
    laws.REG_B.at("1002.4 (intent)"),
    laws.GDPR.at("art. 5(1)(a)"),
    people=True,
)
def proxy(asked: Asked) -> Iterator[Objection]:
    """Something may stand for a protected ground, and nobody has tested whether it does.

    Reg B lost its test of effects on 21 July 2026; a proxy chosen with intent is still forbidden,
    and GDPR 5 asks for fairness. The scheme says what may be a proxy (`proxy_for`) and where it
    was tested (`proxy_check`).
    """
    for path, kind, _, event in asked.events():
        if kind not in asked.scored:
            continue
        named = [(path, event.proxy_for, event.proxy_check)]
        named += [
            ((*path, "fields", field), spec.proxy_for, spec.proxy_check)
            for field, spec in event.fields.items()
        ]
        for place, ground, tested in named:
            if ground is not None and tested is None:
                yield Objection(
                    (*place, "proxy_for"),
                    f"'{kind}' may stand for {ground}, and no test is named",
                    "test it and add proxy_check, or take it out",
                    asked.scored[kind],
                )


@clause(
    "R01-retention",
    Severity.ERROR,
    laws.FCRA.at("15 USC 1681c"),
    laws.CREDIT_REPORTING.at("art. 16"),
    laws.PIPL.at("art. 19"),
    laws.GDPR.at("art. 5(1)(e)"),
)
def retention(asked: Asked) -> Iterator[Objection]:
    """Nobody has said how long data are kept, from when, and what happens then.

    A period, what it counts from, and what happens at its end belong to every data set. Data that
    are archived or held longer on some ground must say which.
    """
    for path, name, data_set in asked.data_sets():
        if data_set.keep is None:
            yield Objection(
                (*path, "keep"),
                f"how long '{name}' is kept is not said",
                "add keep: {for: 24 months, from: event, then: delete}",
            )


@clause(
    "P01-notice",
    Severity.ERROR,
    laws.REG_B.at("1002.9 (30 days)"),
    laws.CREDIT_REPORTING.at("art. 15"),
    laws.ZHEJIANG.at("art. 28"),
)
def notice(asked: Asked) -> Iterator[Objection]:
    """A burden comes without notice, or the notice comes late.

    Whoever is refused is told within 30 days (Reg B 1002.9); bad information is announced to the
    person before it is passed on (Credit Reporting Regulation 15). The charter takes 30 days as
    the most anywhere.
    """
    for path, spec, _ in asked.burdens():
        letter = asked.notice(spec)
        if letter is None or letter.within is None:
            yield Objection(
                (*path, "notice") if spec.notice is not None else path,
                f"no notice of the burden '{spec.id}' is promised within any time",
                "add notice: {reasons: 4, specific: true, within: 30 days}",
            )
        elif _over(asked, letter.within, Term(30, "day")):
            yield Objection(
                (*path, "notice") if spec.notice is not None else ("rights", "notice"),
                f"notice of '{spec.id}' can take {letter.within}; 30 days are the most",
                "give notice within 30 days",
            )


def _over(asked: Asked, term: Term, limit: Term) -> bool:
    places: tuple[Place, ...] = asked.places or ("eu",)
    return any(longer(term, limit, place, asked.day) for place in places)


@clause(
    "P02-reasons",
    Severity.ERROR,
    laws.REG_B.at("1002.9(b)(2); FCRA 15 USC 1681m"),
    laws.GDPR.at("art. 15(1)(h)"),
)
def reasons(asked: Asked) -> Iterator[Objection]:
    """A burden comes without its reasons, or with general ones.

    Reasons are specific and are those actually used: "did not reach the score" is none (Reg B
    1002.9(b)(2)). More than four are unlikely to help; a fifth may name inquiries. More is a
    warning, since four is guidance and no limit.
    """
    for path, spec, _ in asked.burdens():
        letter = asked.notice(spec)
        if letter is None:
            continue  # P01 objects
        place = (*path, "notice") if spec.notice is not None else ("rights", "notice")
        if not letter.reasons:
            yield Objection(
                place,
                f"the notice of '{spec.id}' gives no reasons",
                "add reasons: 4 and specific: true",
            )
        elif not letter.specific:
            yield Objection(
                place,
                f"the reasons for '{spec.id}' are not said to be those actually used",
                "add specific: true and give the lines that cost the most points",
            )
        elif letter.reasons > MOST_REASONS:
            yield Objection(
                (*place, "reasons"),
                f"{letter.reasons} reasons are given for '{spec.id}'; more than four seldom help",
                "give four, and a fifth only if it names inquiries",
                severity=Severity.WARN,
            )


@clause(
    "P06-dispute",
    Severity.ERROR,
    laws.FCRA.at("15 USC 1681i (30 days, 15 more; 5 business days)"),
    laws.CREDIT_REPORTING.at("art. 25 (20 days)"),
    laws.GDPR.at("art. 12(3) (one month)", mark="M"),
    laws.SHANGHAI.at("(1 and 5 working days)"),
    laws.ZHEJIANG.at("(5, at most 20 working days)"),
    laws.HENAN.at("(3 and 7 working days)"),
    laws.SHANDONG.at("(3 and 7 working days)"),
    laws.SHENZHEN.at("(1 and 2 working days, 3 more)"),
)
def dispute(asked: Asked) -> Iterator[Objection]:
    """A record cannot be disputed, or the clocks of a dispute are longer than the law's.

    Twenty days in China's credit reporting (25), three to seven working days in local rules, one
    month in the Union, 30 days and 15 more in the United States, where the source is told within
    five business days and a statement of one's own is kept (FCRA 1681i; China: 16). The charter
    takes 30 days as the most anywhere.
    """
    rights = asked.scheme.rights
    if rights.dispute is None:
        yield Objection(
            ("rights",),
            "a record cannot be disputed",
            "add dispute: {mark: 1 working day, decide: 20 days, suspends: true}",
        )
        return
    path = ("rights", "dispute")
    if rights.dispute.mark is None:
        yield Objection(
            path, "no time is given in which a disputed record is marked", "add mark: 1 working day"
        )
    limit, place = _limit(asked)
    if longer(rights.dispute.decide, limit, place, asked.day):
        yield Objection(
            (*path, "decide"),
            f"a dispute is decided in {rights.dispute.decide}; {limit} are the most",
            f"decide within {limit}",
        )
    if not rights.statement and (asked.binds("us") or asked.binds("cn")):
        yield Objection(
            ("rights",),
            "the subject's own statement is not kept with the record",
            "add statement: true",
        )
    if asked.binds("us") and rights.dispute.tells_source is None:
        yield Objection(
            path,
            "the source of a disputed record is told within no stated time",
            "add tells_source: 5 working days",
            severity=Severity.WARN,
        )


_LIMITS: Final = {
    "CN-SH": Term(5, "working day"),
    "CN-ZJ": Term(20, "working day"),
    "CN-HA": Term(7, "working day"),
    "CN-SD": Term(7, "working day"),
    "CN-GD-SZ": Term(5, "working day"),
}


def _limit(asked: Asked) -> tuple[Term, Place]:
    """The shortest time that binds, and in which place's calendar."""
    local = [_LIMITS[source.region] for source in asked.law if source.region is not None]
    if local:
        return min(local, key=lambda term: term.length), "cn"
    if asked.binds("cn") and asked.people:
        return Term(20, "day"), "cn"
    return Term(30, "day"), asked.places[0] if asked.places else "eu"


@clause(
    "G09-log",
    Severity.ERROR,
    laws.REG_B.at("1002.12 (25 months)", mark="M"),
    laws.CREDIT_REPORTING.at("art. 22"),
    laws.ZHEJIANG.at("art. 20 (10 years)"),
    laws.SHENZHEN.at("art. 45 (5 years)"),
)
def logs(asked: Asked) -> Iterator[Objection]:
    """Decisions and queries are not logged, or not for long enough.

    Who looked is written down (Credit Reporting Regulation 22), in Zhejiang for ten years, in
    Shenzhen for five; records of decisions are kept 25 months in the United States. The charter
    takes 25 months for both anywhere.
    """
    kept = asked.scheme.logs
    regions = {source.region for source in asked.law}
    queries = 120 if "CN-ZJ" in regions else 60 if "CN-GD-SZ" in regions else 25
    for word, span, least in (
        ("decisions", None if kept is None else kept.decisions, 25),
        ("queries", None if kept is None else kept.queries, queries),
    ):
        if span is None:
            yield Objection(
                ("logs",) if kept is not None else (),
                f"no log of {word} is kept",
                f"add logs: {{{word}: {least} months}}",
            )
        elif span.roughly_days() < round(least * 30.44):
            yield Objection(
                ("logs", word),
                f"the log of {word} is kept for {span}; {least} months are the least",
                f"keep it for {least} months",
            )
