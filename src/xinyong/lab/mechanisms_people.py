"""Mechanisms that touch people: favours, bans, praise, shame, speech, friends, partners."""

from __future__ import annotations

from typing import Final

from xinyong.lab.mechanisms_parts import Mechanism, Setting

PEOPLE: Final = (
    Mechanism(
        "perks",
        "Favours for a high score",
        "Deposits waived, cheaper heating, queues skipped for whoever stands in a good band.",
        "Adds the worth of each favour of the scheme to the month's welfare of those who have it.",
        ("TechNode", "TIME", "newsletter"),
        (Setting("worth", "Worth of one favour", "share of own monthly income", 0.01, 0, 1),),
        ("perks", "welfare"),
        "people",
    ),
    Mechanism(
        "perk_costs",
        "Favours that somebody pays for",
        "A favour for one is a fare not paid, a place in the queue, a deposit at risk for others.",
        "Spreads what favours are worth to those who have them over all people of the city, by"
        " income, and likewise what is lost where a deposit was waived and abused; beyond the"
        " budget favours shrink.",
        (),
        (
            Setting("borne", "Part of what favours cost that the people of the city bear", "share",
                    1.0, 0, 1),
            Setting("budget", "Most that favours may cost", "share of all income", 0.05, 0, 1),
            Setting("deposit", "Lost where a waived deposit is abused", "months of own income",
                    0.2, 0, 12),
        ),
        ("perk_cost", "deposits_lost", "welfare"),
        "people",
    ),
    Mechanism(
        "travel_ban",
        "No flights and no fast trains",
        "People on the court's list cannot buy plane tickets or seats on G-trains.",
        "Takes the cost from the welfare of the banned and narrows where they can work.",
        ("TIME", "phys.org", "newsletter"),
        (
            Setting("cost", "Cost of a month under the ban", "share of own income", 0.03, 0, 1),
            Setting("loophole", "Bans got round by booking elsewhere", "share", 0.0, 0, 1),
        ),
        ("travel_refused", "welfare"),
        "cut-off",
    ),
    Mechanism(
        "school_ban",
        "Children kept out of private schools",
        "Children of the listed may not go to schools with high fees.",
        "Lowers the schooling of children whose parent, or somebody else of the household, is under"
        " the ban in the month of choice.",
        ("newsletter",),
        (
            Setting(
                "loss", "Schooling lost by a child kept out", "share of a class step", 0.5, 0, 1
            ),
            Setting("household", "Bans of others in the household that reach a child", "share",
                    1.0, 0, 1),
        ),
        ("schools_refused", "children_barred", "rank_slope"),
        "mobility",
    ),
    Mechanism(
        "shared_purse",
        "Kin who share good and bad months",
        "A household lives on what all of it earn together.",
        "Puts the stated part of a month's incomes together, household by household, and gives each"
        " member the part of it that is hers in usual months.",
        (),
        (Setting("shared", "Part of a month's income that a household puts together", "share",
                 0.5, 0, 1),),
        ("shock_passed", "payday", "default_rate"),
        "people",
        on=False,
    ),
    Mechanism(
        "job_gate",
        "Public jobs closed to a low score",
        "A low band or a listing keeps people out of the civil service.",
        "Refuses the gated share of openings to whoever the scheme bars from them.",
        ("newsletter",),
        (Setting("gated", "Openings that ask for the score", "share", 0.15, 0, 1),),
        ("jobs_refused", "employment"),
        "cut-off",
    ),
    Mechanism(
        "praise",
        "Public praise",
        "Portraits of citizens with good scores hang in the street.",
        "Adds to the benefit that people expect from good deeds while neighbours are praised.",
        ("newsletter",),
        (Setting("pull", "Extra weight of points that lead to praise", "factor", 0.2, 0, 5),),
        ("praised", "good_deeds"),
        "people",
    ),
    Mechanism(
        "shaming",
        "Public shaming",
        "Faces on billboards, a message before the ring-back tone, a map of debtors nearby.",
        "Exposes the listed; some exposures hit a person who did nothing (a face wrongly matched).",
        ("TIME", "newsletter"),
        (
            Setting("exposed", "Listed people exposed in a month", "share", 0.2, 0, 1),
            Setting("misidentified", "Exposures of the wrong person", "share", 0.02, 0, 1),
            Setting("harm", "Cost of a month of exposure", "share of own income", 0.05, 0, 1),
        ),
        ("exposed_innocents", "welfare"),
        "lists",
    ),
    Mechanism(
        "informants",
        "Neighbours who report",
        "Watchers of a village or a block write down what they see, hear or suppose.",
        "Makes records of small breaches out of reports; some are wrong, more of one group.",
        ("TIME",),
        (
            Setting("reports", "Small breaches that are reported", "share", 0.1, 0, 1),
            Setting("error", "Reports of what never was, for each true one", "ratio", 0.1, 0, 5),
            Setting("bias", "Wrong reports of the second group, against the first", "factor",
                    2.0, 0, 20),
        ),
        ("false_records", "calibration_gap"),
        "lists",
    ),
    Mechanism(
        "speech_penalty",
        "Points lost for what is said",
        "'Spreading rumours' and 'unreasonable' petitions cost points.",
        "Makes records of the given share of public remarks, where a scheme has such a kind.",
        ("TIME",),
        (Setting("recorded", "Public remarks that are recorded", "share", 0.05, 0, 1),),
        ("chilling", "compliance"),
        "people",
    ),
    Mechanism(
        "chilling",
        "Keeping quiet to be safe",
        "People avoid lawful things because they might count, such as bad bicycle parking.",
        "Lowers speaking of whoever believes that it may cost points, and of those who were shown"
        " in public or have a friend who was, in the month before.",
        ("TIME",),
        (
            Setting("fear", "Weight of the expected loss in lawful conduct", "factor", 0.5, 0, 5),
            Setting("spread", "Least fear of who was exposed in public, and of her friends",
                    "share of speech held back", 0.1, 0, 1),
        ),
        ("chilling",),
        "people",
    ),
    Mechanism(
        "friend_contagion",
        "Judged by one's friends",
        "A score counts whom one knows.",
        "Hands the breaches of friends on as records of a third party, where a scheme reads them.",
        ("phys.org", "newsletter"),
        (Setting("weight", "Breaches of a friend that are recorded with oneself", "share",
                 0.3, 0, 1),),
        ("friend_link", "cascade", "cascade_loss"),
        "lists",
    ),
    Mechanism(
        "dating",
        "Partners found by score",
        "A dating site shows scores; people pair off with their like and classes harden.",
        "Sorts the weighted part of a person's pull by visible score when couples form; children"
        " start from their parents' means.",
        ("guest post", "TechNode"),
        (
            Setting("weight", "Weight of the score against chance when couples form", "share",
                    0.5, 0, 1),
            Setting("pace", "Single people who find a partner in a month", "share", 0.01, 0, 1),
        ),
        ("partner_scores", "rank_slope", "gini"),
        "mobility",
    ),
    Mechanism(
        "unawareness",
        "Not knowing one's score",
        "Many people have no score, or do not know whether they have one.",
        "People who do not know of the scheme do not answer to it.",
        ("newsletter",),
        (Setting("unaware", "People who do not know of the scheme", "share", 0.3, 0, 1),
         Setting("learning", "Unaware people who hear of it in a month", "share", 0.02, 0, 1)),
        ("unaware", "compliance"),
        "people",
    ),
    Mechanism(
        "cities",
        "Each city its own rules",
        "Not one system but many: provinces and cities each set their own; people move.",
        "People who move come under the next city's scheme, which reads what the old one had"
        " written down, less the part that it does not take over. A scenario says under cities: who"
        " runs what; without that, all cities run the same.",
        ("TechNode",),
        (
            Setting("movers", "People who move in a year", "share", 0.05, 0, 1),
            Setting("lost", "Record that does not move along", "share", 0.5, 0, 1),
        ),
        ("movers_gap", "moved", "moving_standing", "moving_credit", "rules_gap", "credit_access",
         "thin_file_scored"),
        "cities",
    ),
)  # fmt: skip
