"""Clauses whose leading text is a law of the European Union."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from xinyong.charter import laws
from xinyong.charter.asked import Asked
from xinyong.charter.clause import Objection, clause
from xinyong.charter.ladders import CONSEQUENCE, CONTRACT, HARD_CASE, most_grave
from xinyong.charter.source import Source
from xinyong.charter.words import Severity, State


@clause(
    "C01-context",
    Severity.FORBID,
    laws.AI_BANS.at("art. 5(1)(c)(i)"),
    laws.SHANGHAI.at("art. 30"),
    laws.ZHEJIANG.at("art. 23"),
    laws.SHENZHEN.at("art. 66(2)"),
)
def context(asked: Asked) -> Iterator[Objection]:
    """A burden falls in a context unrelated to where a datum behind it arose.

    The AI Act bans scores that lead to harm in social contexts unrelated to those in which the
    data were generated; the local rules of Shanghai, Zhejiang and Shenzhen say the same of
    penalties. Every way from a datum to a burden is tested by itself. Two different contexts are
    unrelated unless the consequence gives a legal reference for the tie (`related`). Where a
    burden of gravity 5 or more rests on such a tie, a person must look: enforcement of the same
    court debt by a travel ban is the hard case, and docs/rulings.md argues it.
    """
    for path, spec, trails in asked.burdens():
        told: set[str] = set()
        for trail in trails.values():
            if trail.context == spec.context or trail.context in told:
                continue
            told.add(trail.context)
            tie = spec.related.get(trail.context)
            if tie is None:
                yield Objection(
                    (*path, "context"),
                    f"'{trail.kind}' arose in the context {trail.context}; the burden"
                    f" '{spec.id}' falls in {spec.context}, and nothing ties the two",
                    f"take '{trail.kind}' out of what leads to '{spec.id}', or give the law that"
                    f" ties them: related: {{{trail.context}: ...}}",
                    trail,
                )
            elif (spec.gravity or 0) >= HARD_CASE:
                yield Objection(
                    (*path, "related"),
                    f"the burden '{spec.id}' (gravity {spec.gravity}) is tied to"
                    f" {trail.context} by “{tie}” alone",
                    "let a person decide each case, and write down why the tie holds",
                    trail,
                    Severity.WARN,
                )


@clause(
    "C02-proportion",
    Severity.FORBID,
    laws.AI_BANS.at("art. 5(1)(c)(ii)"),
    laws.SHANGHAI.at("art. 32"),
    laws.SHANDONG.at("art. 27"),
    laws.SHENZHEN.at("art. 66(3)"),
)
def proportion(asked: Asked) -> Iterator[Objection]:
    """A burden weighs more than the conduct behind it.

    The AI Act's second limb bans treatment that is unjustified or disproportionate to the conduct
    or its gravity; Shanghai, Shandong and Shenzhen ask for proportion in so many words. The
    measure is our own ladder (docs/charter.md): a consequence may weigh one step more than the
    conduct declared for the event, and never 6. A contract kept or broken is weighed as serious.
    A trait is no conduct: beyond a perk not given, a person must look. Good deeds and duties done
    have nothing to weigh; what people are free to do is C04's, what others did is C05's.
    """
    for path, spec, trails in asked.burdens():
        weight = spec.gravity
        if weight is None:
            continue
        told: set[tuple[str, int]] = set()
        for trail in trails.values():
            _, _, event = asked.event(trail.kind)
            if event.conduct not in ("contract", "duty_breach", "trait"):
                continue
            conduct = CONTRACT if event.conduct == "contract" else event.gravity or 0
            limit, severity = most_grave(conduct), None
            if event.conduct == "trait" and weight <= most_grave(CONTRACT):
                severity = Severity.WARN
            if weight <= limit or (event.conduct, conduct) in told:
                continue
            told.add((event.conduct, conduct))
            yield Objection(
                (*path, "gravity"),
                f"'{spec.id}' weighs {weight} ({CONSEQUENCE[weight]}); '{trail.kind}'"
                f" ({event.conduct}, gravity {conduct}) carries no more than {limit}",
                f"let '{spec.id}' weigh {limit} or less, or take '{trail.kind}' out of what leads"
                " to it",
                trail,
                severity,
            )


@clause(
    "C03-purpose",
    Severity.ERROR,
    laws.AI_BANS.at("recital 31", mark="P"),
    laws.GDPR.at("art. 5(1)(b)"),
    laws.CREDIT_REPORTING.at("arts. 18, 20"),
    people=True,
)
def purpose(asked: Asked) -> Iterator[Objection]:
    """The scheme has no single, specific purpose.

    Evaluation for a specific purpose under law stays free (AI Act, recital 31); data are collected
    for specified purposes (GDPR 5(1)(b)) and used for the purpose agreed on (Credit Reporting
    Regulation 18, 20). A score of general trustworthiness has none.
    """
    uses = asked.scheme.used_for
    if not uses:
        yield Objection(
            (),
            "the scheme does not say what its score is used for",
            "give one use: used_for: [...]",
        )
    elif "general" in uses:
        yield Objection(
            ("used_for",),
            "a judgement of the whole person is no specific purpose",
            "name the one decision that the score serves",
        )
    elif len(uses) > 1:
        yield Objection(
            ("used_for",),
            f"one score serves {len(uses)} purposes: {', '.join(uses)}",
            "write one scheme for each purpose",
        )


@clause(
    "D03-social-net",
    Severity.FORBID,
    laws.CREDIT_DIRECTIVE.at("art. 18(3)"),
    everywhere=False,
    people=True,
)
def social_network(asked: Asked) -> Iterator[Objection]:
    """Data of social networks judge whether a consumer is given credit.

    Article 18(3) of the Consumer Credit Directive takes data from social networks out of the
    assessment of creditworthiness. It applies from 20 November 2026.
    """
    if not asked.consumer_credit:
        return
    for kind, trail in asked.scored.items():
        path, data_set, event = asked.event(kind)
        named = {event.category, *(field.category for field in event.fields.values())}
        if "social_network" in named or data_set.context == "social_graph":
            yield Objection(
                path,
                f"'{kind}' comes from a social network and counts towards credit",
                f"take '{kind}' out",
                trail,
            )


@clause(
    "D04-fin-only",
    Severity.ERROR,
    laws.CREDIT_DIRECTIVE.at("art. 18(3)"),
    everywhere=False,
    people=True,
)
def financial_only(asked: Asked) -> Iterator[Objection]:
    """Something that is not financial counts in a score for consumer credit.

    Article 18 of the Consumer Credit Directive: creditworthiness is assessed on relevant and
    accurate information about income, expenses and other financial and economic circumstances.
    Data in a `finance` context, or of the category `financial` or `conditional`, are taken as such.
    """
    if not asked.consumer_credit:
        return
    other = {"social_network", "special", "protected", "age", "biometric", "location"}
    for kind, trail in asked.scored.items():
        path, data_set, event = asked.event(kind)
        if data_set.context.startswith("finance.") or data_set.context == "social_graph":
            continue
        if event.category in ("financial", "conditional") or event.category in other:
            continue
        yield Objection(
            path,
            f"'{kind}' ({data_set.context}) is not financial and counts towards credit",
            f"take '{kind}' out, or, if it is about payments or income, say category: financial",
            trail,
        )


@clause(
    "D07-biometric",
    Severity.FORBID,
    laws.AI_BANS.at("art. 5(1)(e, g, h)"),
    laws.PIPL.at("arts. 26, 28"),
    people=True,
)
def biometric(asked: Asked) -> Iterator[Objection]:
    """Faces, voices or public cameras feed the scheme.

    Cameras in public places serve public safety alone (PIPL 26), biometric data need a specific
    purpose and separate consent (PIPL 28); the AI Act bans the scraping of faces and categories
    drawn from bodies. The charter adds: they never reach a score. A face match at sign-up, given by
    the subject with separate consent and read by no rule, is a warning.
    """
    for path, kind, data_set, _, category in asked.categories():
        if category == "biometric" or data_set.context == "biometric":
            yield _body(asked, path, kind)
    for path, kind, data_set, event in asked.events():
        plain = event.category is None and not any(f.category for f in event.fields.values())
        if data_set.context == "biometric" and plain:
            yield _body(asked, path, kind)


def _body(asked: Asked, path: tuple[str | int, ...], kind: str) -> Objection:
    _, data_set, _ = asked.event(kind)
    consent = data_set.consent
    sign_up = (
        kind not in asked.scored
        and data_set.collected_from == "subject"
        and consent is not None
        and consent.separate
    )
    return Objection(
        path,
        f"'{kind}' holds a face, a voice or another mark of the body",
        "take it out; another proof of identity will do",
        asked.scored.get(kind),
        Severity.WARN if sign_up else None,
    )


@clause(
    "R03-source",
    Severity.ERROR,
    laws.C_26_22.at(),
    everywhere=False,
    people=True,
)
def source_keeps(asked: Asked) -> Iterator[Objection]:
    """Data are kept longer than their public source keeps them.

    A credit bureau may not hold a discharge from debts longer than the public register does
    (C-26/22 and C-64/22 of 7 December 2023).
    """
    for path, name, data_set in asked.data_sets():
        if data_set.keep is None:
            continue
        kept = data_set.keep.span
        if data_set.source_keeps is None:
            if data_set.collected_from == "public record":
                yield Objection(
                    path,
                    f"'{name}' is taken from a public record; how long that is kept is not said",
                    "add source_keeps",
                    severity=Severity.WARN,
                    state=State.UNKNOWN,
                )
        elif kept.roughly_days() > data_set.source_keeps.roughly_days():
            yield Objection(
                (*path, "keep", "for"),
                f"'{name}' is kept for {kept}, its source keeps it for {data_set.source_keeps}",
                f"keep it for {data_set.source_keeps} at most",
            )


@clause(
    "P03-counterfactual",
    Severity.ERROR,
    laws.C_203_22.at(),
    laws.PIPL.at("arts. 24, 48"),
    people=True,
)
def counterfactual(asked: Asked) -> Iterator[Objection]:
    """Nobody tells the subject what change of the data would change the result.

    The Court asks for the procedure and principles actually applied, and names as useful how far a
    change of the data would have led elsewhere (C-203/22 of 27 February 2025). PIPL 24 and 48
    grant an explanation. An error in the Union, a warning elsewhere.
    """
    if not asked.scheme.rights.counterfactual:
        yield Objection(
            ("rights",),
            "the subject is not told what change of the data would change the result",
            "add counterfactual: true (xinyong what-if gives the answer)",
            severity=Severity.ERROR if asked.binds("eu") else Severity.WARN,
        )


@clause(
    "P04-human",
    Severity.ERROR,
    laws.GDPR.at("art. 22"),
    laws.C_634_21.at(),
    laws.PIPL.at("art. 24", people=True),
)
def human(asked: Asked) -> Iterator[Objection]:
    """A burden has no way to a human being.

    GDPR 22 and PIPL 24: nobody is subject to a decision by machine alone without being able to
    reach a person, to be heard and to contest it. A burden decided by a machine alone, with a
    review, is a warning.
    """
    for path, spec, _ in asked.burdens():
        if asked.review(spec) is None:
            yield Objection(
                path,
                f"nobody reviews the burden '{spec.id}'",
                "add appeal, or rights.review, with a person and a term",
            )
        elif spec.automated == "solely":
            yield Objection(
                (*path, "automated"),
                f"a machine alone decides on '{spec.id}'; a person comes in on review only",
                "let a person decide, or make sure that the review is real and used",
                severity=Severity.WARN,
            )


@clause(
    "P05-reliance",
    Severity.ERROR,
    laws.C_634_21.at(),
    everywhere=False,
    people=True,
)
def reliance(asked: Asked) -> Iterator[Objection]:
    """How much others rest their decision on the score is not said.

    Where a third party draws strongly on a score, the score itself is the decision, and the duties
    fall on whoever scores (C-634/21 of 7 December 2023). Strong reliance that is declared is a
    warning: those duties are yours.
    """
    for index, share in enumerate(asked.scheme.shares):
        if share.reliance is None:
            yield Objection(
                ("shares", index),
                f"how much {share.recipient} relies on the {share.what} is not said",
                "add reliance: none, weak or strong",
            )
        elif share.reliance == "strong":
            yield Objection(
                ("shares", index, "reliance"),
                f"{share.recipient} draws strongly on the {share.what}: to the law, your score"
                " is their decision",
                "meet the duties of one who decides: reasons, a human review, a hearing",
                severity=Severity.WARN,
            )


@clause(
    "G02-assess",
    Severity.ERROR,
    laws.PIPL.at("arts. 55, 56"),
    laws.GDPR.at("art. 35"),
    Source("eu", "AI Act art. 27", laws.AI_DUTIES, ai_system=True, people=True),
    everywhere=False,
    people=True,
)
def assessment(asked: Asked) -> Iterator[Objection]:
    """No impact assessment is on file.

    PIPL 55 asks for one before automated decisions and 56 to keep it three years; GDPR 35 where
    people are judged systematically. Where the scheme brings benefits alone and passes nothing on,
    it is told and stops nothing.
    """
    filed = asked.scheme.impact_assessment
    weighty = asked.any_burden or asked.consumer_credit or bool(asked.scheme.shares)
    if filed is None:
        yield Objection(
            (),
            "no impact assessment is on file",
            "write one before use and name it: impact_assessment: {ref, date, keep_until}",
            severity=Severity.ERROR if weighty else Severity.INFO,
        )
    elif asked.binds("cn"):
        three_years = date(filed.date.year + 3, filed.date.month, min(filed.date.day, 28))
        if filed.keep_until is None or filed.keep_until < three_years:
            yield Objection(
                ("impact_assessment",),
                "the assessment is not kept for three years",
                f"add keep_until, {three_years} or later",
                severity=Severity.WARN,
            )


@clause(
    "G03-highrisk",
    Severity.ERROR,
    laws.AI_ACT.at("Annex III 5(b), arts. 9-15, 26, 27, 49"),
    everywhere=False,
    people=True,
)
def high_risk(asked: Asked) -> Iterator[Objection]:
    """An AI system that scores credit has no file as a high-risk system.

    Annex III 5(b) names creditworthiness of natural persons. The duties start on 2 December 2027;
    until then this is told and stops nothing.
    """
    if asked.consumer_credit and asked.scheme.high_risk_file is None:
        yield Objection(
            (),
            f"from {laws.AI_DUTIES} on, credit scoring by an AI system needs a file as a high-risk"
            " system",
            "prepare it and name it: high_risk_file; or, for a table written by hand, say"
            " ai_system: false",
            severity=Severity.ERROR if asked.day >= laws.AI_DUTIES else Severity.INFO,
        )
