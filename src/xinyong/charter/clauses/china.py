"""Clauses whose leading text is a law of China, national or local."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xinyong.charter import laws
from xinyong.charter.asked import Asked
from xinyong.charter.clause import Objection, clause
from xinyong.charter.clocks import longer
from xinyong.charter.words import Severity, Trail
from xinyong.days import Period, Term
from xinyong.scheme.bound import BoundEach

# ------------------------------------------------------------------ contexts


@clause(
    "C07-essential",
    Severity.FORBID,
    laws.NDRC_2019.at(),
    laws.AI_BANS.at("art. 5(1)(c), Annex III 5(a)"),
    people=True,
)
def essential(asked: Asked) -> Iterator[Objection]:
    """A score is the gate to something nobody can do without.

    Health, basic schooling, welfare and legal rights stay open whatever the score: China's planning
    commission said so of cities' scores on 18 July 2019. A perk there (a shorter queue in a
    hospital) is a warning, since somebody else waits longer for it.
    """
    for path, spec, trails in asked.burdens():
        if spec.essential:
            yield Objection(
                (*path, "essential"),
                f"'{spec.id}' keeps people from something nobody can do without",
                "take the burden out; no mending will do",
                next(iter(trails.values()), None),
            )
    for path, spec, trails in asked.benefits():
        if spec.essential:
            yield Objection(
                (*path, "essential"),
                f"'{spec.id}' lets some go first where nobody can do without",
                "give the perk elsewhere",
                next(iter(trails.values()), None),
                Severity.WARN,
            )


@clause(
    "C08-city-penalty",
    Severity.ERROR,
    laws.NDRC_2019.at(),
    everywhere=False,
    people=True,
)
def city_penalty(asked: Asked) -> Iterator[Objection]:
    """A public body's personal score is used for burdens.

    Cities' personal scores may reward and may not punish, said the planning commission on 18 July
    2019. A burden that follows from a list with a law of its own is another matter.
    """
    if not asked.public:
        return
    for path, spec, trails in asked.burdens():
        scored = [t for t in trails.values() if {"score", "band"} & set(t.steps)]
        if scored:
            yield Objection(
                path,
                f"the burden '{spec.id}' follows from a personal score that a public body keeps",
                "let the score bring benefits alone",
                scored[0],
            )


# ------------------------------------------------------------------ data


@clause(
    "D01-special",
    Severity.FORBID,
    laws.CREDIT_REPORTING.at("art. 14"),
    laws.GDPR.at("art. 9"),
    laws.CREDIT_DIRECTIVE.at("art. 18(3)"),
    people=True,
)
def special(asked: Asked) -> Iterator[Objection]:
    """Religion, genes, fingerprints, blood type, illness or the like are read.

    China's credit reporting may never collect them (14), GDPR 9 keeps them apart, the Consumer
    Credit Directive takes them out of credit. A good deed that tells of health, such as giving
    blood, is a warning.
    """
    for path, kind, _, event, category in asked.categories():
        if category == "special":
            merit = event.conduct == "merit"
            yield Objection(
                path,
                f"'{kind}' tells of health, belief or another thing that is nobody’s business",
                "take it out",
                asked.scored.get(kind),
                Severity.WARN if merit else None,
            )


@clause(
    "D02-conditional",
    Severity.ERROR,
    laws.CREDIT_REPORTING.at("art. 14"),
    laws.SHANGHAI.at("art. 14"),
    everywhere=False,
    people=True,
)
def conditional(asked: Asked) -> Iterator[Objection]:
    """Income, savings, insurance, property or taxes are read without written, warned consent.

    Article 14 of the Credit Reporting Regulation: income, deposits, securities, insurance, real
    estate and tax paid only after the person was told of possible harm and agreed in writing.
    """
    for path, kind, data_set, _, category in asked.categories():
        if category != "conditional":
            continue
        consent = data_set.consent
        if consent is None or not (consent.written and consent.harm_warning):
            yield Objection(
                path,
                f"'{kind}' tells of income or property; nobody agreed in writing after a warning",
                "add consent: {written: true, harm_warning: true, ...}, or take it out",
                asked.scored.get(kind),
            )


@clause(
    "D08-location",
    Severity.FORBID,
    laws.PIPL.at("art. 28"),
    people=True,
)
def location(asked: Asked) -> Iterator[Objection]:
    """Where people are, or have been, goes in or comes out.

    Tracks are sensitive data (PIPL 28). The charter adds: no score reads them, and nothing that
    follows from a score shows them.
    """
    for path, kind, data_set, event in asked.events():
        named = {event.category, *(field.category for field in event.fields.values())}
        if "location" in named or data_set.context == "location":
            yield Objection(
                path,
                f"'{kind}' tells where people are",
                "take it out",
                asked.scored.get(kind),
            )
    for index, spec in enumerate(asked.scheme.consequences):
        if spec.context == "location":
            yield Objection(
                ("consequences", index),
                f"'{spec.id}' shows where people are",
                "take it out",
            )


@clause(
    "D10-adjudicated",
    Severity.ERROR,
    laws.HENAN.at("art. 27"),
    laws.SHENZHEN.at("art. 65"),
    laws.CREDIT_REPORTING.at("art. 44"),
)
def adjudicated(asked: Asked) -> Iterator[Objection]:
    """A breach of duty counts although nobody has finally decided that it was one.

    Bad information rests on a judgment, a penalty or an unperformed duty that was established
    (Credit Reporting Regulation 44(3), Henan 27, Shenzhen 65).
    """
    for kind, trail in asked.lowering.items():
        path, _, event = asked.event(kind)
        if event.conduct == "duty_breach" and event.adjudicated is False:
            yield Objection(
                path,
                f"'{kind}' costs points before a court or authority has finally decided",
                "count final decisions alone, and say adjudicated: true",
                trail,
            )


@clause(
    "D11-catalogue",
    Severity.ERROR,
    laws.CATALOGUE.at(),
    laws.SHANDONG.at("art. 10"),
    laws.SHENZHEN.at("art. 35"),
    everywhere=False,
)
def catalogue(asked: Asked) -> Iterator[Objection]:
    """A public scheme reads data that no published catalogue names.

    Public bodies may record only what the catalogue holds, with its source, openness, retention
    and frequency (Shandong 10, Shenzhen 34 and 35; national catalogue).
    """
    if not asked.public or asked.scheme.catalogue is not None:
        return
    for path, name, data_set in asked.data_sets():
        if data_set.catalogued is None:
            yield Objection(
                path,
                f"no catalogue is named that holds '{name}'",
                "add catalogued, the entry of the published catalogue, or take the data set out",
            )


@clause(
    "D12-trivial",
    Severity.ERROR,
    laws.ORDER_36.at("(minor tier)"),
    laws.SHANGHAI.at("art. 9(4)"),
    laws.SHANDONG.at("art. 13"),
    everywhere=False,
)
def trivial(asked: Asked) -> Iterator[Objection]:
    """A fine on the spot, or a small thing that was cured, is counted.

    Shanghai 9(4) and Shandong 13 leave penalties by the simple procedure out; Order 36 of 2026 puts
    them into the tier that is normally not shown.
    """
    if not asked.public:
        return
    for kind, trail in asked.lowering.items():
        path, _, event = asked.event(kind)
        if event.simple_procedure:
            yield Objection(
                (*path, "simple_procedure"),
                f"'{kind}' is fined on the spot or cured at once, and it counts",
                "leave it out",
                trail,
            )


@clause(
    "D13-merge",
    Severity.ERROR,
    laws.PIPL.at("arts. 14, 22, 23"),
    laws.GDPR.at("arts. 5, 6(4)"),
    everywhere=False,
    people=True,
)
def merged(asked: Asked) -> Iterator[Objection]:
    """Data that came with a firm that was bought serve a new purpose.

    A new purpose needs a new agreement, and so does a new holder (PIPL 14, 22, 23; GDPR 6(4)).
    """
    for path, name, data_set in asked.data_sets():
        if data_set.reused is not None and not data_set.reused.consent:
            yield Objection(
                (*path, "reused"),
                f"'{name}' was collected by {data_set.reused.operator} for"
                f" {data_set.reused.collected_for}; nobody agreed to this use",
                "ask the subjects anew, and say consent: true",
            )


@clause(
    "D14-positive-optout",
    Severity.WARN,
    laws.SHENZHEN.at("art. 39"),
    people=True,
)
def opt_out(asked: Asked) -> Iterator[Objection]:
    """Good deeds are recorded, and nobody may refuse that.

    Awards, gifts and volunteering are recorded only of those who do not object (Shenzhen 39).
    """
    for path, name, data_set in asked.data_sets():
        merits = [kind for kind, spec in data_set.events.items() if spec.conduct == "merit"]
        if merits and not data_set.opt_out:
            yield Objection(
                path,
                f"'{name}' records good deeds ({', '.join(merits)}), and nobody may refuse",
                "add opt_out: true and honour it",
            )


# ------------------------------------------------------------------ retention


@clause(
    "R02-too-long",
    Severity.ERROR,
    laws.CREDIT_REPORTING.at("art. 16 (5 years)"),
    laws.ORDER_36.at("(3 months, 1 year, 3 years)"),
    laws.FCRA.at("15 USC 1681c (7 years; bankruptcy 10)"),
)
def too_long(asked: Asked) -> Iterator[Objection]:
    """Something is held against a subject for longer than the law allows, or without end.

    Five years from the end of the conduct in China, seven in the United States (ten for a
    bankruptcy); administrative penalties are shown for 3 months, 1 year or 3 years at most by
    their gravity (Order 36). The charter takes ten years as the most anywhere, and wants a term
    for every list.
    """
    most = 60 if asked.binds("cn") and asked.people else 84 if asked.binds("us") else 120
    told: set[str] = set()
    for kind, trail in asked.lowering.items():
        path, data_set, _ = asked.event(kind)
        keep = data_set.keep
        limit = 120 if asked.binds("us") and most == 84 and "bankrupt" in kind else most
        if keep is None or trail.data_set in told:
            continue
        if keep.span.roughly_days() > Period(limit, "month").roughly_days():
            told.add(trail.data_set)
            yield Objection(
                (*path[:2], "keep", "for"),
                f"'{kind}' is held for {keep.span}; {limit} months are the most",
                f"keep it for {limit} months",
                trail,
            )
    yield from _shown_too_long(asked)
    for name, spec in asked.scheme.lists.items():
        if spec.lasts is None:
            yield Objection(
                ("lists", name),
                f"an entry on '{name}' has no term",
                "add lasts",
            )


_TIERS: Final = {1: 3, 2: 12, 3: 36, 4: 36}


def _shown_too_long(asked: Asked) -> Iterator[Objection]:
    """Administrative penalties that count for longer than Order 36 lets them be shown."""
    if not asked.public or not any("Order 36" in source.cite for source in asked.law):
        return
    for kind, trail in asked.lowering.items():
        path, data_set, event = asked.event(kind)
        if event.conduct != "duty_breach" or not event.adjudicated:
            continue
        if not data_set.context.startswith("admin.") or event.gravity not in _TIERS:
            continue
        months = _TIERS[event.gravity]
        longest = _longest(asked, kind)
        if longest is not None and longest.roughly_days() > Period(months, "month").roughly_days():
            yield Objection(
                path,
                f"'{kind}' (gravity {event.gravity}) counts for {longest}; {months} months are"
                " the most that it may be shown",
                f"let it count for {months} months",
                trail,
            )


def _longest(asked: Asked, kind: str) -> Period | None:
    """The longest window or expiry that reads an event kind in something scored."""
    spans: list[Period] = []
    steps = {step for trail in asked.whole.trails.to_score.values() for step in trail.steps}
    for variable in asked.bound.variables.values():
        if variable.event == kind and variable.within is not None and variable.name in steps:
            spans.append(variable.within)
    for line in asked.bound.lines:
        if isinstance(line, BoundEach) and line.event == kind and line.expires is not None:
            spans.append(line.expires)
    return max(spans, key=Period.roughly_days, default=None)


@clause(
    "R04-repair",
    Severity.ERROR,
    laws.ORDER_36.at(),
    laws.SHANGHAI.at("art. 38"),
    everywhere=False,
)
def repair(asked: Asked) -> Iterator[Objection]:
    """There is no way back, or it is slower than the law's.

    Whoever has made good may have the record taken down; the authority decides within three working
    days and answers within ten (Order 36, in force 1 April 2026; Shanghai 38: three days).
    """
    if not asked.lowering and not asked.any_burden:
        return
    way = asked.scheme.rights.repair
    if way is None:
        yield Objection(
            ("rights",),
            "a subject who has made good has no way to have the record taken down",
            "add repair: {when: ..., removes_within: 3 working days}",
        )
    elif way.removes_within is None or longer(
        way.removes_within, Term(10, "working day"), "cn", asked.day
    ):
        yield Objection(
            ("rights", "repair"),
            f"repair takes {way.removes_within or 'no stated time'}; ten working days are the most",
            "add removes_within: 3 working days",
            severity=Severity.WARN if way.removes_within is None else None,
        )


# ------------------------------------------------------------------ consent


@clause(
    "K01-consent",
    Severity.ERROR,
    laws.PIPL.at("arts. 14-16"),
    laws.CREDIT_REPORTING.at("arts. 13, 18"),
    laws.GDPR.at("arts. 6, 7"),
    people=True,
)
def consent(asked: Asked) -> Iterator[Objection]:
    """Consent is missing, ticked beforehand, tied to something else, or cannot be taken back.

    Consent is informed, separate and free; it can be withdrawn as easily as given, and no service
    is refused for saying no (PIPL 14 to 16; GDPR 7). Sesame's box that was ticked for everyone in
    January 2018 is the standing example.
    """
    for path, name, data_set in asked.data_sets():
        if data_set.basis != "consent":
            continue
        given = data_set.consent
        if given is None:
            yield Objection(
                path,
                f"'{name}' rests on consent; how subjects agree is not said",
                "add consent: {separate: true, default: off, withdrawable: true}",
            )
            continue
        wrong = [
            word
            for word, odd in (
                ("it is ticked beforehand", given.default == "on"),
                ("it is bundled with something else", given.bundled),
                ("it is not asked for separately", not given.separate),
                ("it cannot be taken back", not given.withdrawable),
            )
            if odd
        ]
        if wrong:
            yield Objection(
                (*path, "consent"),
                f"the consent to '{name}' is none: {', '.join(wrong)}",
                "ask separately, with an empty box, and let it be taken back",
            )


@clause(
    "K02-share",
    Severity.ERROR,
    laws.PIPL.at("art. 23"),
    laws.CREDIT_REPORTING.at("art. 20"),
    laws.GDPR.at("art. 6"),
    people=True,
)
def sharing(asked: Asked) -> Iterator[Objection]:
    """The score is passed on, and nobody agreed to that recipient, nor does a law order it.

    A new recipient needs separate consent (PIPL 23); data are used for the purpose agreed on and
    not passed on without agreement (Credit Reporting Regulation 20).
    """
    for index, share in enumerate(asked.scheme.shares):
        if not share.consent and share.law is None:
            yield Objection(
                ("shares", index),
                f"{share.recipient} is given the {share.what}; nobody agreed to that",
                "ask for each recipient, and say consent: true; or name the law",
            )


@clause(
    "K03-licence",
    Severity.ERROR,
    laws.CREDIT_REPORTING.at("art. 7"),
    everywhere=False,
    people=True,
)
def licence(asked: Asked) -> Iterator[Objection]:
    """Personal credit reporting without a licence.

    Who reports on the credit of persons as a business needs a licence of the central bank (7).
    """
    operator = asked.scheme.operator
    if operator is None or operator.kind == "public" or operator.licence is not None:
        return
    if asked.consumer_credit or "deposit" in asked.scheme.used_for:
        yield Objection(
            ("operator",),
            "the operator names no licence for personal credit reporting",
            "add operator.licence",
        )


# ------------------------------------------------------------------ process


@clause(
    "P07-list-process",
    Severity.ERROR,
    laws.COURT_2017.at(),
    laws.ZHEJIANG.at("arts. 24-28"),
    laws.SHENZHEN.at("arts. 77, 78"),
)
def list_process(asked: Asked) -> Iterator[Objection]:
    """A list takes people in without warning, hearing or decision, or lets them go too late.

    A warning before, a hearing, a written decision, those who are exempt, and removal within three
    working days after the ground is gone (Provisions of 2017; Zhejiang 24 to 28; Shenzhen 77).
    """
    for name, spec in asked.scheme.lists.items():
        missing = [
            word
            for word, odd in (
                ("a warning before", spec.before is None or spec.before.warn is None),
                ("a hearing", spec.before is None or not spec.before.hearing),
                ("a written decision (decided_in)", spec.decided_in is None),
                ("who is exempt, or a test of ability", not spec.exempt and not spec.ability_test),
                ("a time for removal", spec.remove_within is None),
            )
            if odd
        ]
        if missing:
            yield Objection(
                ("lists", name),
                f"the list '{name}' lacks {', '.join(missing)}",
                "add what is missing: before, decided_in, exempt, remove_within",
            )
        elif spec.remove_within is not None and longer(
            spec.remove_within, Term(3, "working day"), "cn", asked.day
        ):
            yield Objection(
                ("lists", name, "remove_within"),
                f"removal from '{name}' can take {spec.remove_within}; three working days are"
                " the most",
                "remove within 3 working days",
            )


@clause(
    "P10-access",
    Severity.ERROR,
    laws.CREDIT_REPORTING.at("art. 17 (two a year)"),
    laws.SHANGHAI.at("art. 34"),
    laws.GDPR.at("art. 15"),
)
def access(asked: Asked) -> Iterator[Objection]:
    """Subjects cannot see, free of charge, their score, its reasons, the record and who looked.

    GDPR 15 grants access; China's Credit Reporting Regulation two free reports a year (17).
    """
    granted = asked.scheme.rights.access
    if granted is None:
        yield Objection(
            ("rights",),
            "subjects cannot see what is held about them",
            "add access: {free: always, shows: [score, reasons, record, readers]}",
        )
        return
    hidden = [
        word for word in ("score", "reasons", "record", "readers") if word not in granted.shows
    ]
    if hidden:
        yield Objection(
            ("rights", "access"),
            f"subjects cannot see: {', '.join(hidden)}",
            "add what is missing to shows",
        )
    if granted.copies_per_year is not None and granted.copies_per_year < 2:
        yield Objection(
            ("rights", "access", "copies_per_year"),
            f"{granted.copies_per_year} free copies a year; two are the least",
            "give two or more",
        )


# ------------------------------------------------------------------ publicity


@clause(
    "V01-public",
    Severity.FORBID,
    laws.PIPL.at("art. 25"),
    laws.SHANDONG.at("art. 20"),
    people=True,
)
def publicity(asked: Asked) -> Iterator[Objection]:
    """A person's score, listing or fault is made public.

    Personal data are not published without separate consent (PIPL 25), those of natural persons not
    at all (Shandong 20). Public praise without being asked is an error; a court's list that a law
    orders to be published, by written decision, is one too: it is mended by being shown to those
    alone who must know.
    """
    for path, spec, trails in asked.burdens():
        if spec.visible == "public":
            yield _shown(path, f"'{spec.id}' happens before everybody's eyes", trails)
    for path, spec, trails in asked.benefits():
        if spec.visible == "public":
            yield _shown(path, f"'{spec.id}' praises people in public", trails, Severity.ERROR)
    for name, entry in asked.scheme.lists.items():
        if entry.publish == "everyone":
            ordered = asked.public and entry.law is not None and entry.decided_in is not None
            trails = asked.whole.trails.to_list.get(name, {})
            yield _shown(
                ("lists", name),
                f"the list '{name}' is published to everyone",
                trails,
                Severity.ERROR if ordered else None,
            )


def _shown(
    path: tuple[str | int, ...],
    why: str,
    trails: dict[str, Trail],
    severity: Severity | None = None,
) -> Objection:
    mend = "tell the person, and nobody else"
    return Objection(path, why, mend, next(iter(trails.values()), None), severity)


@clause(
    "V02-fields",
    Severity.ERROR,
    laws.PIPL.at("arts. 6, 25", mark="M"),
    laws.SHENZHEN.at("art. 38"),
    people=True,
)
def fields(asked: Asked) -> Iterator[Objection]:
    """A list shows more of a person than it must.

    Data are kept to what the purpose needs (PIPL 6); what is shown is stripped of marks of identity
    (Shenzhen 38). A number of identity, a face, an address, a sex or an age are beyond need.
    """
    beyond = ("id_number", "face", "address", "sex", "age")
    for name, entry in asked.scheme.lists.items():
        shown = [word for word in entry.fields if word in beyond]
        if shown and entry.publish not in ("nobody", "the person"):
            yield Objection(
                ("lists", name, "fields"),
                f"the list '{name}' shows {', '.join(shown)}",
                "show a name, a masked number, the ground and the term at most",
            )


# ------------------------------------------------------------------ governance


@clause(
    "G01-publish",
    Severity.ERROR,
    laws.SHANGHAI.at("art. 32"),
    laws.ZHEJIANG.at("art. 28"),
    laws.SHENZHEN.at("art. 29"),
)
def published(asked: Asked) -> Iterator[Objection]:
    """Rules, weights or penalties cannot be read by those whom they judge.

    A penalty that was not published is void (Shanghai 32); rules can be explained and their sources
    traced (Shenzhen 29). A public body publishes rules, factors and consequences; points that stay
    hidden are a warning. A private one publishes its factors at least: a warning if not.
    """
    said = asked.scheme.published
    if not asked.public:
        if said is None or not said.factors:
            yield Objection(
                () if said is None else ("published",),
                "nobody can read which factors count",
                "publish them, and say published: {rules: <where>, factors: true}",
                severity=Severity.WARN,
            )
        return
    if said is None or said.rules is None or not said.factors:
        yield Objection(
            () if said is None else ("published",),
            "a public body scores by rules that nobody can read",
            "publish rules, factors, points and consequences, and say where",
        )
        return
    hidden = [
        word
        for word, shown in (("points", said.points), ("consequences", said.consequences))
        if not shown
    ]
    if hidden:
        yield Objection(
            ("published",),
            f"{' and '.join(hidden)} are not published",
            "publish them",
            severity=Severity.WARN,
        )


@clause(
    "G10-grade",
    Severity.WARN,
    laws.GRADES_2026.at(),
    everywhere=False,
)
def grade(asked: Asked) -> Iterator[Objection]:
    """A firm's public grade is outside A to D, or older than a year.

    Since April 2026 firms' public credit is graded A, B, C or D, at least once a year.
    """
    if asked.people or not asked.public or "compliance" not in asked.scheme.used_for:
        return
    odd = [band.name for band in asked.scheme.bands if band.name not in ("A", "B", "C", "D")]
    if odd:
        yield Objection(
            ("bands",),
            f"grades are called {', '.join(odd)}; the law has A, B, C and D",
            "name the bands A to D",
        )
    for path, name, data_set in asked.data_sets():
        if data_set.updated is not None and data_set.updated.roughly_days() > 366:
            yield Objection(
                (*path, "updated"),
                f"'{name}' is renewed every {data_set.updated}; a grade is made anew once a year",
                "renew it once a year",
            )
