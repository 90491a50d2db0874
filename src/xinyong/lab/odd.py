"""A scenario described in full: the ODD protocol, made from the scenario itself.

Overview, design concepts, details: Grimm and others 2020, The ODD protocol for describing
agent-based and other simulation models, a second update (JASSS 23(2) 7). What stands here about
settings, switches and schedules is read from the scenario and the table of mechanisms.
"""

from __future__ import annotations

from dataclasses import dataclass

from xinyong.lab.catalogue import MEASURES
from xinyong.lab.mechanisms import ARTICLES, MECHANISMS, SOCIETY
from xinyong.lab.mechanisms_parts import Mechanism, Setting
from xinyong.lab.scenario import CITY_SCHEMES, NO_SCHEME, Scenario


@dataclass(frozen=True, slots=True)
class Chapter:
    """One element of the protocol: sentences, then rows of a table (the first is its head)."""

    title: str
    says: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = ()


def chapters(scenario: Scenario) -> tuple[Chapter, ...]:
    """The seven elements for this scenario."""
    return (
        _purpose(scenario),
        _entities(scenario),
        _process(scenario),
        _concepts(scenario),
        _initial(scenario),
        Chapter(
            "5b. Input data",
            (
                "No data of real people go in, and there is no door through which they could.",
                "Numbers behind the people and firms that are drawn carry their mark and source in"
                " the code (xinyong.lab.margins) and in the tables of this description.",
            ),
        ),
        *_submodels(scenario),
    )


def _purpose(scenario: Scenario) -> Chapter:
    others = [name for name in scenario.schemes if name != scenario.baseline]
    return Chapter(
        "1. Purpose and patterns",
        (
            "The model asks what a written scoring scheme would change in a society, other things"
            " and luck being equal. It compares; it does not forecast.",
            f"Here {', '.join(others) or 'nothing'} is compared with {scenario.baseline} over"
            f" {scenario.years} years and {len(scenario.seed_list)} seeds.",
            "It is held to published results that its parts must reproduce ('xinyong lab"
            " reproduce'), and to directions that the source articles describe.",
        ),
    )


def _entities(scenario: Scenario) -> Chapter:
    return Chapter(
        "2. Entities, state variables and scales",
        (
            f"{scenario.people:,} people and {scenario.firms:,} firms. Nobody of them exists.",
            "A person has age, a synthetic group, the parents' fifth, income, wealth, a hidden"
            " reliability, presence in files, knowledge of the scheme, a loan, a partner's means,"
            " a record of what happened month by month, and marks such as listed or barred.",
            f"One step is a month; a run is {scenario.months} of them from {scenario.start}."
            " There is no map; closeness is household, friendship and class.",
            *_cities(scenario),
        ),
    )


def _cities(scenario: Scenario) -> tuple[str, ...]:
    if not scenario.cities:
        return ()
    told = [
        f"{city.name} ({float(city.share):.0%} of the people; {CITY_SCHEMES}: {city.scheme};"
        f" {min(scenario.value('cities', 'movers') * float(city.leaves), 1):g} move away in a year;"
        f" takes over {1 - scenario.lost(city):g} of a newcomer's record)"
        for city in scenario.cities
    ]
    return (
        f"Cities: {'; '.join(told)}. A household starts in one city, drawn by shares. Each city"
        " keeps the record of its own people under its own scheme. Who moves goes to one of the"
        " others, drawn by shares, and keeps all but the record; couples form within a city.",
    )


def _process(scenario: Scenario) -> Chapter:
    if scenario.society.activation == "encounters":
        return Chapter(
            "3. Process overview and scheduling",
            (
                "Each month, all at once: everybody meets one other of the same city, whom chance"
                " picks, and helps or does not, by the other's consequences of last month; what is"
                " written down of it, with the keeper's errors; scores by the same engine that"
                " scores in operation, and what follows. Nobody ages, moves or pairs; there are"
                " no firms, and the mechanisms below lie idle.",
                f"Activation within a month: {scenario.society.activation}.",
            ),
        )
    return Chapter(
        "3. Process overview and scheduling",
        (
            "Each month, in this order: income and its shocks; what people do (pay, repay, break"
            " rules, do good, speak, buy, game), answering to the scheme as written; what is"
            " recorded of it, with its errors; scores by the same engine that scores in operation;"
            " what follows from scores and lists; the credit market.",
            "Each year: people grow older and are followed by their children, couples form, people"
            " move, income is moved if that is switched on, and measures are taken.",
            f"Activation within a month: {scenario.society.activation}.",
        ),
    )


def _concepts(scenario: Scenario) -> Chapter:
    return Chapter(
        "4. Design concepts",
        (
            "Basic principle: people answer to the points of the scheme as written, in the manner"
            " of random utility; no summary of a scheme is written by hand.",
            "Emergence: inequality, mobility, access to credit, wrong listings and gaming follow"
            " from single acts; none of them is set.",
            "Adaptation and objectives: an act is likelier the more it is expected to bring; who"
            " does not know of the scheme does not answer to it. Nobody plans ahead or learns.",
            "Sensing: people know the rules they are aware of; lenders see scores, lists and a"
            " noisy sign of reliability, never reliability itself.",
            "Interaction: through friends, couples, children, lenders and what is shown in public.",
            "Stochasticity: chance is a function of seed, month, kind of decision and agent. Two"
            " schemes under one seed meet the same luck, so a scheme against itself differs by"
            " exactly 0.",
            "Observation: "
            + "; ".join(m.title.lower() for m in list(MEASURES.values())[:12])
            + "; and more, each year, for all, by tenth and by group.",
        ),
    )


def _initial(scenario: Scenario) -> Chapter:
    rows = [("Setting", "Value", "Unit", "Where from")]
    rows += [
        (s.title, f"{scenario.value('society', s.name):g}", s.unit, _whence(scenario, "society", s))
        for s in SOCIETY.values()
    ]
    seeds = scenario.seed_list
    return Chapter(
        "5a. Initialization",
        (
            "People and firms are drawn to margins, each with its own seed:"
            f" {', '.join(map(str, seeds[:8]))}{', ...' if len(seeds) > 8 else ''}."
            " All schemes start from the same people.",
        ),
        tuple(rows),
    )


def _whence(scenario: Scenario, owner: str, setting: Setting) -> str:
    if scenario.value(owner, setting.name) != setting.default:
        return f"set by the scenario (default {setting.default:g})"
    return setting.whence


def _submodels(scenario: Scenario) -> tuple[Chapter, ...]:
    head = Chapter(
        "6. Submodels",
        (
            "Schemes: " + ", ".join(scenario.schemes) + ". A scheme is its document; every point"
            f" and consequence in it is as written. '{NO_SCHEME}' has no scores, no lists and no"
            " consequences; lenders then go by what else they know.",
            "The mechanisms follow, each a switch. One that is off has its first setting at 0.",
        ),
    )
    return (head, *(_mechanism(scenario, m) for m in MECHANISMS.values()))


def _mechanism(scenario: Scenario, mechanism: Mechanism) -> Chapter:
    state = "" if scenario.on(mechanism.name) else " (switched off)"
    rows = [("Setting", "Value", "Unit", "Where from")]
    rows += [
        (
            s.title,
            f"{scenario.value(mechanism.name, s.name):g}",
            s.unit,
            _whence(scenario, mechanism.name, s) if scenario.on(mechanism.name) else "off",
        )
        for s in mechanism.settings
    ]
    cited = "; ".join(ARTICLES[name] for name in mechanism.articles) or mechanism.described
    return Chapter(
        f"{mechanism.title}{state}",
        (mechanism.models, mechanism.does, f"Described in: {cited}."),
        tuple(rows),
    )


def markdown(scenario: Scenario) -> str:
    """The description as a page of Markdown."""
    parts = [
        f"# {scenario.title}\n\nThe model behind this comparison after the ODD protocol (Grimm and"
        f" others 2020). Scenario `{scenario.scenario}`, digest `{scenario.digest}`.\n"
    ]
    for chapter in chapters(scenario):
        numbered = chapter.title[:1].isdigit()
        parts.append(f"{'##' if numbered else '###'} {chapter.title}\n")
        parts += [f"{text}\n" for text in chapter.says]
        if chapter.rows:
            head, *rows = chapter.rows
            lines = [_row(head), "|" + "---|" * len(head), *map(_row, rows)]
            parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
