"""Mechanisms of error: false data, leaks, wrong listings."""

from __future__ import annotations

from typing import Final

from xinyong.lab.mechanisms_parts import Mechanism, Setting

HARM: Final = (
    Mechanism(
        "fabrication",
        "Sensors that are made to lie",
        "Real-time emission data are fabricated by the firms they are to control.",
        "Firms above the limit report clean figures, unless an inspection finds them out.",
        ("TechNode",),
        (
            Setting("share", "Firms that fabricate when clean running costs more", "share",
                    1 / 3, 0, 1,
                    mark="S", source="one third of manufacturers in northern China (TechNode)"),
            Setting("inspected", "Firms inspected in a month", "share", 0.02, 0, 1),
        ),
        ("fabricated", "emissions"),
        "firms",
    ),
    Mechanism(
        "wrong_listing",
        "Listed wrongly, removed slowly",
        "A lawyer was listed because a court found his apology insincere; getting off is slow.",
        "Lists people who met their duty at the given rate; removal takes its time.",
        ("TIME",),
        (
            Setting("rate", "Wrong listings for each rightful one", "ratio", 0.02, 0, 5),
            Setting("delay", "From a cured ground to the end of its effects", "months", 3, 0, 120,
                    off=0),
            Setting("dispute", "Wrongly listed people who dispute it in a month", "share",
                    0.2, 0, 1),
        ),
        ("false_listing", "time_to_correct", "spell"),
        "lists",
    ),
    Mechanism(
        "leaks",
        "Data that get out",
        "Personal data are traded systematically, and leak.",
        "Each month some people's records get out and cost them money by fraud.",
        ("TechNode",),
        (
            Setting("chance", "People whose record gets out in a month", "share", 0.001, 0, 1),
            Setting("loss", "Loss by it", "months of own income", 0.5, 0, 24),
        ),
        ("leaked", "welfare"),
        "people",
    ),
)  # fmt: skip
