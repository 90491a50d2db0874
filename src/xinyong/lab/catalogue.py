"""The catalogue of measures: their names in words, units, better directions and sources.

A run's table has one row a measure, year and group; ``measure`` there is a name from here. Shares
are told between 0 and 1.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Final, Literal

from xinyong.errors import QuestionRefused

Better = Literal["up", "down", "neither"]


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure that a run reports.

    ``better`` is the direction that is good for the people of the society, ``neither`` where that
    depends. ``source`` is a formula or the work it comes from. ``shows`` names the mechanisms it
    makes visible; empty: all of them.
    """

    name: str
    title: str
    unit: str
    better: Better
    source: str
    shows: tuple[str, ...] = ()


_SHORROCKS: Final = "Shorrocks 1980, The class of additively decomposable inequality measures"
_CHETTY: Final = "Chetty, Hendren, Kline, Saez 2014, Where is the land of opportunity?"
_HARDT: Final = "Hardt, Price, Srebro 2016, Equality of opportunity in supervised learning"
_KM: Final = "Kaplan and Meier 1958, Nonparametric estimation from incomplete observations"
_SPREAD: Final = ("loan_gate", "job_gate", "perks", "payday", "redistribution", "dating")
_MOBILE: Final = ("school_ban", "dating", "job_gate", "loan_gate", "redistribution")
_LISTS: Final = ("wrong_listing", "stacking", "travel_ban")

_ROWS: Final = (
    # how unequal
    Measure("gini", "How unequal incomes are (Gini)", "share", "down",
            "half the mean difference between two people over the mean", _SPREAD),
    Measure("gini_wealth", "How unequal wealth is (Gini)", "share", "down",
            "the same for wealth held at 0 from below", _SPREAD),
    Measure("theil_t", "Inequality of incomes, Theil's T", "nats", "down", _SHORROCKS, _SPREAD),
    Measure("theil_l", "Inequality of incomes, Theil's L", "nats", "down", _SHORROCKS, _SPREAD),
    Measure("theil_between", "Inequality between the groups (part of Theil's T)", "nats", "down",
            _SHORROCKS, ("informants", "wrong_listing", "sme_gap")),
    Measure("palma", "What the richest tenth earns for each coin of the poorest four tenths",
            "ratio", "down", "Palma 2011, Homogeneous middles vs heterogeneous tails", _SPREAD),
    Measure("top_share", "Share of all income that the richest tenth earns", "share", "down",
            "1 - Lorenz curve at .9", _SPREAD),
    Measure("income", "Mean income a month", "money", "up", "mean", _SPREAD),
    Measure("welfare", "Well-being from incomes, as one equal income", "money", "up",
            "Atkinson 1970, On the measurement of inequality, aversion 1", _SPREAD),
    # how mobile
    Measure("rank_slope", "How far parents' place decides children's place", "slope", "down",
            _CHETTY, _MOBILE),
    Measure("bottom_to_top", "Children of the poorest fifth who reach the richest fifth", "share",
            "up", _CHETTY, _MOBILE),
    # lending
    Measure("approval", "Loan applications approved", "share", "up", "approved / applied",
            ("loan_gate", "list_feed", "payday", "sme_gap")),
    Measure("approval_gap", "Greatest gap in approval between groups", "share", "down",
            "difference of approval rates", ("loan_gate", "informants", "list_feed")),
    Measure("true_positive", "People who would repay and are approved", "share", "up", _HARDT,
            ("loan_gate", "list_feed")),
    Measure("true_positive_gap", "Gap between groups among those who would repay", "share", "down",
            _HARDT, ("loan_gate", "informants")),
    Measure("false_positive", "People who will not repay and are approved", "share", "neither",
            _HARDT, ("loan_gate", "loyalty", "hacking")),
    Measure("calibration_gap", "Gap in repayment between groups at an equal score", "share", "down",
            "Kleinberg, Mullainathan, Raghavan 2017, Inherent trade-offs",
            ("informants", "wrong_listing", "loyalty")),
    Measure("thin_file_scored", "People with a thin file who get a score", "share", "neither",
            "scored / thin-file", ("payday",)),
    Measure("default_rate", "Loans that are not repaid", "share", "down", "defaults / loans",
            ("loan_gate", "payday", "loyalty")),
    Measure("made_good", "Missed dues on record that are paid later", "share", "up",
            "paid late / missed, in the year", ("late_payment",)),
    Measure("profit", "The lender's profit a month", "money", "neither",
            "interest of repaid loans less lost amounts", ("loan_gate", "payday")),
    Measure("payday", "People who fall back on payday loans", "share", "down",
            "payday borrowers / people", ("payday",)),
    # lists
    Measure("listed", "People on a list", "share", "neither", "listed / people", _LISTS),
    Measure("false_listing", "People who comply and are listed all the same", "share", "down",
            "listed and compliant / compliant", ("wrong_listing", "informants", "shaming")),
    Measure("false_clear", "People who do not comply and are not listed", "share", "neither",
            "not listed and not compliant / not compliant", ("hacking", "loyalty")),
    Measure("spell", "How long a listing lasts", "months", "down", _KM, _LISTS),
    Measure("time_to_correct", "How long a wrong entry stands", "months", "down",
            "months for which wrong entries stood / entries put right, since the run began",
            ("wrong_listing",)),
    Measure("cascade", "People drawn in by one who was touched first", "people", "down",
            "size of the tree of causes below one touched by an own deed",
            ("friend_contagion", "guarantors", "stacking")),
    Measure("cascade_loss", "What those drawn in lose a month, for each who was touched first",
            "money", "down", "worth of burdens and payments / people touched first",
            ("stacking", "friend_contagion", "guarantors")),
    Measure("exposed_innocents", "People shamed in public who did nothing", "share", "down",
            "shamed without a ground / shamed", ("shaming",)),
    Measure("travel_refused", "People who may not fly or ride fast trains", "share", "down",
            "banned / people", ("travel_ban",)),
    Measure("schools_refused", "Children kept out of a school by a parent's score", "share", "down",
            "refused / children of school age", ("school_ban",)),
    Measure("children_barred", "Children who could have gone to a good school and were barred",
            "share", "down", "barred / came of age this year and could have gone",
            ("school_ban",)),
    # gaming
    Measure("score", "Mean score", "points", "neither", "mean"),
    Measure("compliance", "People who keep the rules", "share", "up", "compliant / people"),
    Measure("score_compliance", "How well the score tells who keeps the rules", "correlation", "up",
            "Pearson's correlation"),
    Measure("goodhart", "How much of that was lost since the first year", "correlation", "down",
            "correlation at first less now; Goodhart 1975", ("loyalty", "hacking", "fabrication")),
    Measure("gamed_share", "Share of score differences that gamed points bring", "share", "down",
            "covariance of gamed points with the score over its variance",
            ("loyalty", "hacking")),
    Measure("fabricated", "Reports of firms that are made up", "share", "down",
            "faked / reported", ("fabrication", "overcompliance")),
    # speech
    Measure("chilling", "Speech that falls silent", "share", "down",
            "1 - said / would be said unwatched", ("speech_penalty", "chilling")),
    Measure("unaware", "People who do not know their own score", "share", "down",
            "unaware / people", ("unawareness",)),
    # mechanism by mechanism
    Measure("perks", "People who enjoy a favour of the scheme", "share", "up", "with any / people",
            ("perks",)),
    Measure("perk_cost", "What favours cost all people, of all income", "share", "down",
            "worth of favours within the budget / usual income", ("perk_costs",)),
    Measure("deposits_lost", "What is lost on waived deposits, of all income", "share", "down",
            "abused deposits / usual income", ("perk_costs",)),
    Measure("shock_passed", "Spread of incomes around their usual level", "log points", "down",
            "standard deviation of the log of income over usual income", ("shared_purse",)),
    Measure("praised", "People praised in public", "share", "neither", "praised / people",
            ("praise",)),
    Measure("good_deeds", "Good deeds done, for each person and year", "number", "up",
            "done / people", ("praise", "redistribution")),
    Measure("jobs_refused", "Applicants kept out of a job by a score or a list", "share", "down",
            "refused / applied", ("job_gate",)),
    Measure("false_records", "Records of what never was, for each person and year", "number",
            "down", "made up / people", ("informants",)),
    Measure("friend_link", "How far one's score goes with one's friends' scores", "correlation",
            "down", "Pearson's correlation with the mean of friends", ("friend_contagion",)),
    Measure("partner_scores", "How alike the scores of partners are", "correlation", "down",
            "Pearson's correlation of partners", ("dating",)),
    Measure("movers_gap", "Score of those who moved, less that of the others", "points", "neither",
            "difference of means", ("cities",)),
    Measure("moved", "People who moved to another city when the year ended", "share", "neither",
            "moved / people", ("cities",)),
    Measure("city_people", "People who live in the city", "share", "neither", "living / people",
            ("cities",)),
    Measure("moving_standing", "Place in the score's range after moving, less before", "share",
            "neither", "(score - floor) / (ceiling - floor), mean change of movers", ("cities",)),
    Measure("moving_band", "Place of the band after moving, less before", "share", "neither",
            "rank of the band from 0 to 1, mean change of movers", ("cities",)),
    Measure("moving_credit", "Movers who would get a loan, after moving less before", "share",
            "neither", "mean change of movers", ("cities",)),
    Measure("rules_gap", "How far the same record stands elsewhere from where it stands at home",
            "share", "down", "mean distance of the band's place, read by the other city's scheme",
            ("cities",)),
    Measure("rules_credit", "People whose loan would be decided otherwise by another city's rules",
            "share", "down", "decided otherwise / people, of the same record", ("cities",)),
    Measure("credit_access", "People who would be granted a loan if they asked", "share", "up",
            "granted / people", ("loan_gate", "cities")),
    Measure("listed_approval", "Loan applications of listed people approved", "share",
            "up", "approved / applied", ("list_feed",)),
    Measure("burdens", "Burdens that one listed person bears", "burdens", "down",
            "burdens / listed", ("stacking",)),
    Measure("bought", "Purchases from the operator, for each person and year", "number",
            "neither", "bought / people", ("loyalty",)),
    Measure("hacked", "People whose score is raised for money", "share", "down",
            "raised / people", ("hacking",)),
    Measure("leaked", "People whose record got out in the year", "share", "down",
            "leaked / people", ("leaks",)),
    Measure("moved_income", "Income moved to the poorest fifth", "share", "neither",
            "moved / all income", ("redistribution",)),
    Measure("small_firm_approval", "Loans of small firms approved", "share", "up",
            "approved / applied", ("sme_gap",)),
    Measure("employment", "People of working age who have a job", "share", "up",
            "employed / of working age", ("sme_gap", "job_gate")),
    Measure("laid_off", "People whose firm took their job, in a year", "share", "down",
            "laid off / people", ("firm_jobs",)),
    Measure("in_work", "People who have a job", "share", "up", "with a job / people",
            ("firm_jobs", "job_gate")),
    Measure("declaring", "Firms that take goods across the border", "share", "neither",
            "declared / firms, mean of months", ("customs",)),
    Measure("border_fines", "Declaring firms that are fined for it in a month", "share", "down",
            "fined / declared", ("customs",)),
    Measure("compliance_cost", "What firms spend on what a rating counts", "share", "down",
            "spent / turnover", ("overcompliance",)),
    Measure("emissions", "True emissions of firms, against the limit", "ratio", "down",
            "emitted / allowed", ("fabrication", "overcompliance")),
    Measure("credit_refused", "People whom the scheme itself bars from loans", "share", "down",
            "barred / people", ("loan_gate", "list_feed")),
    Measure("thin_approval", "Loan applications of people with a thin file approved", "share",
            "up", "approved / applied", ("payday", "loan_gate")),
    Measure("thin_score_gap", "Score of people with a full file above those with a thin one",
            "points", "down", "difference of means", ("cities", "payday")),
    Measure("score_income", "How well the score tells who earns much", "correlation", "neither",
            "Pearson's correlation with log income"),
    Measure("wrongly_listed", "People who stand on a list by mistake", "share", "down",
            "wrongly listed / people", ("wrong_listing",)),
    Measure("speech", "Things said in public, for each person and year", "number", "up",
            "said / people", ("speech_penalty", "chilling")),
    Measure("bottom_up", "Children of the poorest fifth who leave it", "share", "up", _CHETTY,
            _MOBILE),
    Measure("mobility", "Where children of each fifth end up", "share", "neither", _CHETTY,
            _MOBILE),
    # encounters
    Measure("good_standing", "People in good standing", "share", "up",
            "in the highest band / people, mean of the year's months"),
    Measure("helped", "Encounters in which help is given", "share", "up", "helped / met"),
    # firms
    Measure("firm_approval", "Loans to firms approved", "share", "up", "approved / applied",
            ("sme_gap",)),
    Measure("firm_defaults", "Loans to firms given up", "share", "down", "given up / granted",
            ("sme_gap",)),
    Measure("exceeded", "Reports of firms that admit too much", "share", "neither",
            "over the limit / reported", ("fabrication",)),
    Measure("emissions_reported", "What firms report that they emit", "limits", "neither",
            "mean of firms", ("fabrication",)),
    Measure("firm_score", "Mean score of firms", "points", "neither", "mean", ("overcompliance",)),
    Measure("firm_score_truth", "How well a firm's score tells how clean it runs", "correlation",
            "up", "Pearson's correlation", ("fabrication", "overcompliance")),
)  # fmt: skip

MEASURES: Final[dict[str, Measure]] = {row.name: row for row in _ROWS}
"""Every measure by name, in the order of a report."""


def measure(name: str) -> Measure:
    """The measure of that name. :raises QuestionRefused: there is none; names the nearest."""
    if name in MEASURES:
        return MEASURES[name]
    near = difflib.get_close_matches(name, MEASURES, 1)
    raise QuestionRefused(
        f"no measure is called '{name}'",
        where="lab.measures",
        mend=(f"did you mean '{near[0]}'? " if near else "") + "'xinyong lab measures' names all",
    )
