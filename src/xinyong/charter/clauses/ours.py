"""Clauses of the charter's own, with the laws that point the same way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from xinyong.charter import laws
from xinyong.charter.asked import Asked
from xinyong.charter.clause import Objection, clause
from xinyong.charter.ladders import known_context
from xinyong.charter.words import Severity, State
from xinyong.days import Period

LAW_READ: Final = date(2026, 11, 22)
"""The day as of which these clauses were written."""
GOOD_FOR: Final = Period(12, "month")
"""For how long they can be relied on without being read again."""
MOST_BURDENS: Final = 3


# ------------------------------------------------------------------ contexts


@clause(
    "C04-lawful-conduct",
    Severity.FORBID,
    laws.SHENZHEN.at("art. 65"),
)
def lawful_conduct(asked: Asked) -> Iterator[Objection]:
    """A burden follows from what people are free to do.

    Speech, petitions, belief, games and purchases cost nobody anything beyond a perk not given.
    Shenzhen 65 ties penalties to duties that were established and not performed.
    """
    for path, spec, trails in asked.burdens():
        weight = spec.gravity or 0
        for kind, trail in trails.items():
            _, data_set, event = asked.event(kind)
            speech = data_set.context in ("speech", "speech_politics_religion")
            if event.conduct == "lawful" and (weight > 1 or speech):
                yield Objection(
                    path,
                    f"'{kind}' is lawful; the burden '{spec.id}' follows from it",
                    f"take '{kind}' out of what leads to '{spec.id}'",
                    trail,
                )


@clause(
    "C05-assoc",
    Severity.ERROR,
    laws.GDPR.at("Article 29 Working Party, WP251 (friends' credit)", mark="M"),
)
def association(asked: Asked) -> Iterator[Objection]:
    """What other people do moves a subject's score.

    Friends, kin and contacts answer for themselves. Where a burden can follow, this never leaves
    the lab.
    """
    burdened: set[str] = set()
    for _, _, trails in asked.burdens():
        burdened |= set(trails)
    for kind, trail in asked.scored.items():
        path, _, event = asked.event(kind)
        if event.conduct == "third_party":
            yield Objection(
                path,
                f"'{kind}' is what somebody else did, and it counts",
                f"take '{kind}' out",
                trail,
                Severity.FORBID if kind in burdened else None,
            )


@clause(
    "C06-spill",
    Severity.ERROR,
    laws.COURT_2019.at(),
)
def spill(asked: Asked) -> Iterator[Objection]:
    """A burden hits others: children, kin, colleagues, a firm's legal representative.

    Since 2019 China's courts are not to list the legal representative where the unit is the
    debtor, and spare students. The charter takes that as the rule for everybody.
    """
    for path, spec, trails in asked.burdens():
        if spec.spills_on:
            yield Objection(
                (*path, "spills_on"),
                f"'{spec.id}' also hits {', '.join(spec.spills_on)}",
                "let it end with the subject",
                next(iter(trails.values()), None),
            )


@clause(
    "C09-stack",
    Severity.WARN,
    laws.PENALTIES.at("art. 29 (fines)"),
)
def stacked(asked: Asked) -> Iterator[Objection]:
    """One fact brings several burdens, and nothing limits how many.

    The same act is not fined twice (Penalties Law 29). More than three burdens that can follow
    from one fact are an error. `burdens_together` limits how many are laid on at a time.
    """
    limit = asked.scheme.burdens_together
    if limit is not None and limit <= MOST_BURDENS:
        return
    behind: dict[str, list[str]] = {}
    for _, spec, trails in asked.burdens():
        for kind in trails:
            behind.setdefault(kind, []).append(spec.id)
    if not behind:
        return
    kind = max(behind, key=lambda k: len(behind[k]))
    many = len(behind[kind]) if limit is None else min(limit, len(behind[kind]))
    if many > 1:
        index = next(i for i, c in enumerate(asked.scheme.consequences) if c.id == behind[kind][-1])
        yield Objection(
            ("consequences", index),
            f"'{kind}' alone can bring {many} burdens: {', '.join(behind[kind])}",
            "add burdens_together: 1, and keep to it",
            asked.whole.trails.to_consequence[behind[kind][-1]][kind],
            Severity.ERROR if many > MOST_BURDENS else None,
        )


@clause("C10-feedback", Severity.ERROR)
def feedback(asked: Asked) -> Iterator[Objection]:
    """A list or score feeds another score, or comes back to itself.

    Two systems that read each other punish one fact without end; the Court's judgment on data that
    outlive their source (C-26/22) has the same spirit.
    """
    for path, name, data_set in asked.data_sets():
        if data_set.collected_from == "another scheme":
            yield Objection(
                (*path, "collected_from"),
                f"'{name}' is the list or score of another scheme",
                "read the facts behind it from their source, once",
            )
    for index, share in enumerate(asked.scheme.shares):
        if share.kind == "another scheme":
            yield Objection(
                ("shares", index, "kind"),
                f"{share.recipient} takes the {share.what} into its own score",
                "do not pass it on to another scheme",
            )


# ------------------------------------------------------------------ data


@clause("D00-unsaid", Severity.ERROR)
def unsaid(asked: Asked) -> Iterator[Objection]:
    """Something that other clauses ask about is not said.

    A clause cannot judge what the document leaves open. What is missing is named here once, and
    the scheme cannot be approved until it is said.
    """
    for path, name, data_set in asked.data_sets():
        if data_set.collected_from is None:
            yield _unsaid(path, f"who gives '{name}' is not said", "add collected_from")
        if not known_context(data_set.context):
            yield _unsaid(
                (*path, "context"),
                f"'{data_set.context}' is no context of the charter's vocabulary",
                "use one of docs/charter.md",
            )
    for path, kind, _, event in asked.events():
        missing = [
            word
            for word, odd in (
                ("conduct", event.conduct is None),
                ("gravity", event.gravity is None),
                ("established", event.established is None),
                ("adjudicated", event.conduct == "duty_breach" and event.adjudicated is None),
            )
            if odd
        ]
        if missing:
            yield _unsaid(path, f"of '{kind}' is not said: {', '.join(missing)}", "say it")
    for path, spec, _ in asked.burdens():
        missing = [word for word in ("gravity", "automated") if getattr(spec, word) is None]
        if missing:
            yield _unsaid(path, f"of '{spec.id}' is not said: {', '.join(missing)}", "say it")
        if not known_context(spec.context):
            yield _unsaid(
                (*path, "context"),
                f"'{spec.context}' is no context of the charter's vocabulary",
                "use one of docs/charter.md",
            )


def _unsaid(path: tuple[str | int, ...], why: str, mend: str) -> Objection:
    return Objection(path, why, mend, state=State.UNKNOWN)


@clause(
    "D09-informant",
    Severity.FORBID,
    laws.CREDIT_REPORTING.at("art. 23"),
    laws.GDPR.at("art. 5(1)(d)"),
)
def informant(asked: Asked) -> Iterator[Objection]:
    """Somebody's unverified report counts.

    Data are accurate or they are not used (GDPR 5(1)(d), Credit Reporting Regulation 23). What a
    neighbour reports and nobody checks never leads to a burden; elsewhere it is a warning.
    """
    burdened: set[str] = set()
    for _, _, trails in asked.burdens():
        burdened |= set(trails)
    for path, name, data_set in asked.data_sets():
        if data_set.collected_from != "informant":
            continue
        if data_set.quality is not None and data_set.quality.verified_by is not None:
            continue
        kinds = [kind for kind in data_set.events if kind in burdened]
        yield Objection(
            (*path, "collected_from"),
            f"'{name}' is what others report, and nobody checks it",
            "have each report checked, and say by whom: quality: {verified_by: ...}",
            asked.scored.get(kinds[0]) if kinds else None,
            None if kinds else Severity.WARN,
        )


@clause(
    "D15-minor",
    Severity.ERROR,
    laws.PIPL.at("art. 31"),
    people=True,
)
def minor(asked: Asked) -> Iterator[Objection]:
    """Children are scored.

    Under 14 no data without a parent (PIPL 31); under 18 no burden, says the charter.
    """
    if asked.scheme.subjects == "sole_trader":
        return
    youngest = asked.scheme.min_age
    least = 18 if asked.any_burden else 14
    if youngest is None:
        yield Objection(
            (),
            "from which age on people are scored is not said",
            f"add min_age: {least} or more",
            severity=Severity.ERROR if asked.any_burden else Severity.WARN,
            state=State.UNKNOWN,
        )
    elif youngest < least:
        yield Objection(
            ("min_age",),
            f"people are scored from {youngest} on",
            f"score nobody under {least}",
        )


@clause(
    "D16-quality",
    Severity.ERROR,
    laws.ZIBO.at("arts. 18-20, 30"),
    laws.CREDIT_REPORTING.at("art. 23", people=True),
)
def quality(asked: Asked) -> Iterator[Objection]:
    """Data that can be faked are taken as they come.

    Sensors are diluted, moved, simulated (Zibo 18 names six kinds); people say what serves them.
    The scheme says how that is looked for and what marks doubtful data.
    """
    for path, name, data_set in asked.data_sets():
        held = data_set.quality
        if data_set.collected_from == "sensor" and (
            held is None or held.tamper_model is None or held.flags is None
        ):
            yield Objection(
                path,
                f"'{name}' comes from sensors; how tampering is found is not said",
                "add quality: {tamper_model: ..., flags: ...}",
            )
        if data_set.collected_from == "subject" and (
            held is None or (held.tamper_model is None and held.verified_by is None)
        ):
            yield Objection(
                path,
                f"'{name}' is what subjects say of themselves; who checks it is not said",
                "add quality: {verified_by: ...} or a tamper_model",
            )


@clause("D17-absence", Severity.ERROR)
def absence(asked: Asked) -> Iterator[Objection]:
    """A burden follows where nothing at all is known.

    Having no history is no fault. The scheme is run for a subject without a single event, on the
    day asked about: whatever follows then follows from absence alone.
    """
    from xinyong.engine import plain

    outcome = plain.score(asked.scheme, (), subject="nobody", day=asked.day)
    for path, spec, _ in asked.burdens():
        if spec.id in outcome.consequences:
            yield Objection(
                (*path, "when"),
                f"'{spec.id}' follows for a subject of whom nothing is known (score"
                f" {outcome.score}, band {outcome.band})",
                "refer such subjects to a person, or ask known(...) in the condition",
            )


# ------------------------------------------------------------------ process


@clause(
    "P08-vague",
    Severity.FORBID,
    laws.SHENZHEN.at("art. 29"),
)
def vague(asked: Asked) -> Iterator[Objection]:
    """A burden or a listing rests on somebody's opinion.

    "Insincere" and "untrustworthy" are no facts: a court apology found insincere once kept a
    lawyer off every plane. What leads to a burden is something that anyone could check.
    """
    told: set[str] = set()
    ends = [trails for _, _, trails in asked.burdens()]
    ends += list(asked.whole.trails.to_list.values())
    for trails in ends:
        for kind, trail in trails.items():
            path, _, event = asked.event(kind)
            if event.established == "opinion" and kind not in told:
                told.add(kind)
                yield Objection(
                    (*path, "established"),
                    f"'{kind}' is somebody's opinion, and a burden can follow from it",
                    "count facts that anyone could check",
                    trail,
                )


@clause(
    "P09-wrongful",
    Severity.WARN,
    laws.COMPENSATION.at("art. 2(10)"),
    laws.HENAN.at("art. 66"),
)
def wrongful(asked: Asked) -> Iterator[Objection]:
    """Nothing makes good a wrong listing.

    A wrong entry founds compensation by the State (interpretation of 2022), an apology and damages
    in Henan (66).
    """
    for name, spec in asked.scheme.lists.items():
        if spec.wrongful is None and asked.scheme.rights.wrongful is None:
            yield Objection(
                ("lists", name),
                f"nothing makes good a wrong entry on '{name}'",
                "add wrongful: an apology, damages, the withdrawal everywhere",
            )


@clause(
    "V03-partner",
    Severity.ERROR,
    laws.PIPL.at("art. 23"),
    laws.GDPR.at("art. 5(1)(b)"),
    laws.FCRA.at("15 USC 1681b (permissible purpose)", mark="M"),
    people=True,
)
def partner(asked: Asked) -> Iterator[Objection]:
    """The score is shown to private persons, or to an employer who is no part of its purpose.

    A score made for one purpose is not shown to a stranger on a dating site.
    """
    for index, share in enumerate(asked.scheme.shares):
        employer = share.kind == "employer" and "employment" not in asked.scheme.used_for
        if share.kind == "private person" or employer:
            yield Objection(
                ("shares", index, "kind"),
                f"{share.recipient} can see the {share.what}",
                "show it to the subject, and to those whom the purpose needs",
            )


# ------------------------------------------------------------------ governance


@clause("G04-conflict", Severity.WARN)
def conflict(asked: Asked) -> Iterator[Objection]:
    """The operator gains from scores in other ways.

    Eight firms were on trial in 2015 and none was licensed: each had interests of its own in whom
    it scored, said the central bank.
    """
    operator = asked.scheme.operator
    if operator is not None and operator.interests:
        yield Objection(
            ("operator", "interests"),
            f"the operator also {', '.join(operator.interests)}",
            "keep the scorer apart from those who gain",
        )


@clause(
    "G05-loyalty",
    Severity.ERROR,
    laws.SHENZHEN.at("art. 29"),
)
def loyalty(asked: Asked) -> Iterator[Objection]:
    """Buying from the operator raises the score.

    What one buys from whom says little of whether one pays. An error where the score serves credit
    or deposits, a warning elsewhere.
    """
    operator = asked.scheme.operator
    if operator is None:
        return
    credit = asked.credit or "deposit" in asked.scheme.used_for
    for place, kind in enumerate(operator.sells):
        trail = asked.scored.get(kind)
        if trail is not None:
            yield Objection(
                ("operator", "sells", place),
                f"'{kind}' is the operator's own sale, and it counts",
                f"take '{kind}' out of the score",
                trail,
                None if credit else Severity.WARN,
            )


@clause(
    "G06-policy",
    Severity.WARN,
    laws.SHENZHEN.at("art. 29"),
    laws.GRADES_2026.at(),
)
def policy(asked: Asked) -> Iterator[Objection]:
    """A firm's rating counts whether it follows political or industrial aims.

    Compliance is one thing, following an industrial plan another; the rules of 2026 keep public
    evaluation to the former.
    """
    for path, kind, _, _, category in asked.categories():
        if category == "policy_target" and kind in asked.scored:
            yield Objection(
                path,
                f"'{kind}' measures a political or industrial aim",
                "take it out of the rating",
                asked.scored[kind],
            )


@clause("G07-impact", Severity.WARN, people=True)
def impact(asked: Asked) -> Iterator[Objection]:
    """Groups come out further apart than the scheme itself allows.

    Federal law asks for no such test since 21 July 2026; laws of states do, and so does the
    charter where a test is on file.
    """
    held = asked.scheme.fairness
    if held is not None and held.worst_gap > held.at_most:
        yield Objection(
            ("fairness", "worst_gap"),
            f"the worst gap between groups is {held.worst_gap} per cent; {held.at_most} are"
            " allowed",
            "look for the line that makes the gap, and mend it",
        )
    elif held is None and asked.any_burden:
        yield Objection(
            (),
            "no test of what the scheme does to groups is on file",
            "run one and add fairness: {tested, worst_gap, at_most}",
            severity=Severity.INFO,
            state=State.UNKNOWN,
        )


@clause("G08-version", Severity.ERROR)
def version(asked: Asked) -> Iterator[Objection]:
    """The law was read too long ago: by the scheme's authors, or by these clauses.

    A scheme names the day as of which its authors read the law. What has come into force since,
    before the day asked about, they have not read. These clauses themselves were written as of a
    day, and are good for a year after it.
    """
    if asked.day > GOOD_FOR.after(LAW_READ):
        yield Objection(
            (),
            f"the clauses know the law as of {LAW_READ}; {asked.day} is more than {GOOD_FOR} later",
            "use a newer version of the clauses",
            state=State.UNKNOWN,
        )
    read = asked.scheme.law_read
    if read is None:
        yield Objection(
            (),
            "as of which day the authors read the law is not said",
            "add law_read",
            severity=Severity.WARN,
            state=State.UNKNOWN,
        )
        return
    newer = sorted(
        (law.since, law.name)
        for law in laws.ALL
        if law.place in asked.places
        and (law.region is None or law.region in asked.scheme.jurisdiction)
        and read < law.since <= asked.day
    )
    if newer:
        since, cite = newer[0]
        more = f" and {len(newer) - 1} more" if len(newer) > 1 else ""
        yield Objection(
            ("law_read",),
            f"the law was read on {read}; since then came {cite} ({since}){more}",
            "read the scheme against the newer law, and say when",
        )


@clause("L01-lab", Severity.FORBID)
def lab(asked: Asked) -> Iterator[Objection]:
    """The scheme is for the lab: it runs on people who do not exist.

    Whatever a clause forbids has no other place, and a scheme that says `use: lab` stays there.
    """
    if asked.scheme.use == "lab":
        yield Objection(
            ("use",),
            "the scheme is for the lab alone",
            "write a scheme that can be approved; there is no way to approve this one",
        )
