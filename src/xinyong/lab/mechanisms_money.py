"""Mechanisms of money: credit, buying, gaming, firms, redistribution."""

from __future__ import annotations

from typing import Final

from xinyong.lab.mechanisms_parts import Mechanism, Setting

MONEY: Final = (
    Mechanism(
        "loan_gate",
        "Loans decided by the score",
        "Lenders look at the score, and a listing or a low band shuts the door.",
        "Mixes the score into the lender's guess of repayment and applies the scheme's own bars.",
        ("guest post", "TIME", "phys.org"),
        (
            Setting("weight", "Weight of the score in the lender's guess", "share", 0.5, 0, 1),
            Setting("margin", "Chance of repayment a lender asks for", "share", 0.8, 0, 1,
                    mark="P", source="break-even of 1 gained and 4 lost (Liu and others 2018)"),
        ),
        ("approval", "default_rate", "profit"),
        "cut-off",
    ),
    Mechanism(
        "payday",
        "Dear loans for who has no history",
        "Who is refused for lack of history turns to payday lenders online.",
        "Sends the given share of those who are refused to a lender at the dear rate.",
        ("newsletter",),
        (
            Setting("turn", "Refused people who turn to it", "share", 0.3, 0, 1),
            Setting("rate", "What it costs", "share of the loan, per month", 0.1, 0, 1),
        ),
        ("payday", "welfare"),
        "cut-off",
    ),
    Mechanism(
        "sme_gap",
        "Small firms without credit",
        "Small firms give most jobs and are refused loans because nothing is known of them.",
        "Lowers the lender's guess for small firms, and so their loans and the jobs they offer.",
        ("phys.org",),
        (Setting("gap", "Loans refused to small firms that would repay", "share", 0.3, 0, 1),
         Setting("small", "Jobs that small firms give", "share", 0.8, 0, 1,
                 mark="S", source="over 80 % of jobs (phys.org)")),
        ("small_firm_approval", "employment"),
        "firms",
    ),
    Mechanism(
        "list_feed",
        "A list that lowers another score",
        "The state passes its list on, and a commercial score falls.",
        "Hands a listing to the lender's guess as if it were a missed payment.",
        ("guest post",),
        (Setting("drop", "Fall of a listed person's chance in the lender's guess", "share",
                 0.2, 0, 1),),
        ("listed_approval", "approval"),
        "cut-off",
    ),
    Mechanism(
        "stacking",
        "Penalties that pile up",
        "The ripple effect: one listing is multiplied by every office and firm that reads it.",
        "Adds a burden of the same weight for each further office that joins in.",
        ("TIME",),
        (Setting("multiplier", "Further burdens for each one that is written", "number",
                 1.0, 0, 20),),
        ("burdens", "welfare"),
        "lists",
    ),
    Mechanism(
        "loyalty",
        "Points for buying from the operator",
        "The score rises for as long as one buys; it is a loyalty programme.",
        "People who know of it move purchases to the operator as far as points make it pay.",
        ("phys.org", "TIME"),
        (Setting("shift", "Spending that can be moved to the operator", "share", 0.5, 0, 1),),
        ("bought", "gamed_share", "goodhart"),
        "gaming",
    ),
    Mechanism(
        "hacking",
        "Scores for money",
        "Hackers ask thousands of dollars to raise a score.",
        "People with means whose score lies low buy a boost, at the given chance a month.",
        ("TechNode",),
        (
            Setting("buyers", "People with means and a low score who buy, in a month", "share",
                    0.002, 0, 1),
            Setting("boost", "Bought rise", "share of the score's range", 0.1, 0, 1),
            Setting("price", "Price of it", "months of median income", 3, 0, 100),
        ),
        ("hacked", "gamed_share", "goodhart"),
        "gaming",
    ),
    Mechanism(
        "redistribution",
        "Help by score",
        "'Digital social mobility': data used to lift people at risk rather than to rank them.",
        "Moves the given part of all income to people of the lowest fifth whose record is clean;"
        " money is neither made nor lost.",
        ("guest post",),
        (Setting("moved", "Part of all income that is moved", "share", 0.01, 0, 0.5),),
        ("moved_income", "bottom_to_top", "gini"),
        "mobility",
        on=False,
    ),
    Mechanism(
        "overcompliance",
        "Firms that chase the targets of policy",
        "A rating pushes firms to follow rules and targets of industrial policy.",
        "Firms spend on what the rating counts, beyond what the law asks.",
        ("TechNode", "phys.org"),
        (Setting("extra", "Spending on targets, for each unit of expected benefit", "factor",
                 0.3, 0, 5),),
        ("compliance_cost", "emissions"),
        "firms",
    ),
)  # fmt: skip
