"""One subject's score told to a person, from the trace: a column that adds up, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from xinyong.cli.output import columns, console, say, table
from xinyong.days import Period, end_of_day, instant

if TYPE_CHECKING:
    from xinyong.engine.score import Outcome
    from xinyong.face.scores import Alternatives
    from xinyong.scheme.model import Scheme

Trace = Mapping[str, Any]


def tell(trace: Trace, scheme: Scheme, *, everything: bool = False) -> None:
    """Print a trace: start, lines, limits, score; then lists, consequences, reasons, what next."""
    from rich.text import Text

    out = console()
    head = trace["scheme"]
    out.print(Text(f"{head['title']}", "bold"))
    out.print(f"{head['name']} {head['version']}, digest {head['digest'][:12]}")
    out.print(f"subject {trace['subject']}, day {trace['day']}{_known(trace, scheme)}")
    if trace["assumed"]:
        out.print(f"assumed: {', '.join(trace['assumed'])}")
    out.print()
    _sum(trace, scheme, everything)
    out.print()
    _lists(trace)
    _consequences(trace, scheme, everything)
    _reasons(trace)
    change = trace["next_change"]
    out.print(
        f"If nothing new happens, the next change comes on {change}."
        if change
        else "If nothing new happens, nothing changes within ten years."
    )


def band_title(scheme: Scheme, name: str) -> str:
    """A band as people read it, with its name."""
    title = next((band.title for band in scheme.bands if band.name == name), None)
    return f"{name} ({title})" if title and title.lower() != name.lower() else name


def _known(trace: Trace, scheme: Scheme) -> str:
    """Up to when records count as known, where it is not the end of the day."""
    moment = datetime.fromisoformat(trace["known_by"]).astimezone(scheme.zone)
    last = end_of_day(date.fromisoformat(trace["day"]), scheme.zone)
    if instant(moment) == last:
        return ""
    return f", records known by {moment.isoformat(' ', 'seconds')}"


# ------------------------------------------------------------------ the sum


def _sum(trace: Trace, scheme: Scheme, everything: bool) -> None:
    from rich.padding import Padding
    from rich.text import Text

    rows: list[tuple[Any, ...]] = []

    def add(points: object, text: object) -> None:
        rows.append((points, text))

    def detail(text: str) -> None:
        rows.append(("", Padding(Text(text, "dim"), (0, 0, 0, 2))))

    add(str(trace["start"]["points"]), trace["start"]["says"] or "Everybody starts here")
    if trace["start"]["when"]:
        detail(trace["start"]["when"])
    variables = {item["name"]: item for item in trace["variables"]}
    lines = [line for line in trace["lines"] if line["form"] != "veto"]
    quiet = 0
    heading: str | None = None
    for line in lines:
        if line["points"] == 0 and not everything:
            quiet += 1
            continue
        if line["dimension"] != heading:
            heading = line["dimension"]
            spec = scheme.score.dimensions.get(heading or "")
            title = spec.title if spec else (heading or "other").replace("_", " ")
            add("", Text(title, "bold"))
        add(_signed(line["points"]), f"{line['says']}  [{line['rule']}]")
        for text in _details(line, variables):
            detail(text)
    for limit in trace["limits"]:
        add(_signed(limit["points"]), f"Limit: {limit['says']}")
    if quiet:
        words = "line brings" if quiet == 1 else "lines bring"
        add("0", Text(f"{quiet} more {words} nothing (--all shows them)", "dim"))
    add("-------", "")
    add(
        Text(str(trace["score"]), "bold"), Text(f"band {band_title(scheme, trace['band'])}", "bold")
    )
    if trace["lowered_by"]:
        veto = next(line for line in trace["lines"] if line["rule"] == trace["lowered_by"])
        add(
            "",
            f"lowered from {band_title(scheme, trace['band_before_vetoes'])} by"
            f" [{veto['rule']}] {veto['says']}",
        )
    columns(rows)


def _signed(points: int) -> str:
    return f"{points:+,}".replace(",", "") if points else "0"


def _details(line: Trace, variables: Mapping[str, Trace]) -> Iterator[str]:
    """What a line rests on, and until when it counts."""
    if line["form"] == "bins":
        yield from _of_bins(line, variables[line["variable"]])
    elif line["form"] == "each":
        yield from _of_each(line)
    else:
        yield f"because {line['when']}" if line["fired"] else f"would count if {line['when']}"
    for cap in line["caps"]:
        per = f" in one {cap['per']}, from {cap['from']}" if cap["per"] else ""
        yield f"{cap['before']:+d} held at {cap['after']:+d}{per}"
    for parameter in line["parameters"]:
        since = f", in force since {parameter['since']}" if parameter["since"] else ""
        yield f"{parameter['title']}: {parameter['text']}{since}"


def _of_bins(line: Trace, variable: Trace) -> Iterator[str]:
    if variable["unknown"]:
        yield f"{variable['title']}: unknown, because {variable['why']}"
        return
    yield f"{variable['title']}: {variable['text']}"
    window = variable["window"]
    if window is not None:
        text = f"looks back over {window['period']}, to {window['first']}"
        if line["events"]:
            newest = date.fromisoformat(max(event["day"] for event in line["events"]))
            last = Period.parse(window["period"]).leaves(newest) - timedelta(days=1)
            text = f"{_events(line['events'])}; {text}; the newest counts until {last}"
        yield text
    elif line["events"]:
        yield f"{_events(line['events'])}; counts as long as the records are kept"


def _of_each(line: Trace) -> Iterator[str]:
    events = line["events"]
    if not events:
        yield "no such record counts on this day"
        return
    text = _events(events)
    ends = sorted(event["end"] for event in events if event["end"] is not None)
    if not ends:
        yield f"{text}; counts as long as the records are kept"
        return
    first, last = (date.fromisoformat(day) - timedelta(days=1) for day in (ends[0], ends[-1]))
    until = f"until {last}" if first == last else f"until {last}, the first of them until {first}"
    yield f"{text}; counts {until}"


def _events(events: Sequence[Trace]) -> str:
    """How many records of which kinds, and when."""
    counts: dict[str, int] = {}
    for event in events:
        counts[event["kind"]] = counts.get(event["kind"], 0) + 1
    what = ", ".join(f"{count} × {kind.replace('_', ' ')}" for kind, count in counts.items())
    days = sorted(event["day"] for event in events)
    return f"{what}, {days[0]}" + (f" to {days[-1]}" if days[-1] != days[0] else "")


# ------------------------------------------------------------------ what follows


def _lists(trace: Trace) -> None:
    if not trace["lists"]:
        return
    from rich.text import Text

    out = console()
    out.print(Text("Lists", "bold"))
    for item in trace["lists"]:
        text = f"  {item['name']}: {item['state']}"
        if item["state"] != "off":
            text += f", ground of {item['ground']}"
        if item["state"] == "warned" and item["effective"]:
            text += f", takes effect on {item['effective']}"
        if item["state"] in ("warned", "listed") and item["end"]:
            text += f", ends on {item['end']}"
        out.print(text)
    out.print()


def _consequences(trace: Trace, scheme: Scheme, everything: bool) -> None:
    from rich.text import Text

    specs = {item.id: item for item in scheme.consequences}
    applying = [item for item in trace["consequences"] if item["applies"]]
    others = [item for item in trace["consequences"] if not item["applies"]]
    if not trace["consequences"]:
        return
    out = console()
    out.print(Text("What follows", "bold"))
    if not applying:
        out.print("  nothing")
    for item in applying:
        context = specs[item["id"]].context
        out.print(f"  {item['kind']}: {item['effect']} ({context}) [{item['id']}]", soft_wrap=False)
    if everything:
        for item in others:
            out.print(Text(f"  not: {item['effect']} [{item['id']}], if {item['when']}", "dim"))
    out.print()


def _reasons(trace: Trace) -> None:
    if not trace["reasons"]:
        return
    from rich.text import Text

    out = console()
    out.print(Text("What cost most", "bold"))
    for item in trace["reasons"]:
        lost = f"{item['lost']:>5}" if item["lost"] else " veto"
        out.print(f"  {lost}  {item['says']}  [{item['rule']}]")
    out.print()


# ------------------------------------------------------------------ what if


def tell_alternatives(found: Alternatives, scheme: Scheme) -> None:
    """Print what would change a score, or the score if things were otherwise."""
    out = console()
    before = found.before
    out.print(f"subject {before.subject}, day {before.day}")
    out.print(f"score {before.score}, band {band_title(scheme, before.band)}")
    out.print()
    if found.after is not None:
        _tell_after(before, found.after, scheme)
    elif not found.changes:
        out.print("Nothing that a single change could better.")
    else:
        _tell_changes(found, scheme)
    out.print()
    out.print("Worked out by scoring again, all else as it is. It is not a promise.")


def _tell_after(before: Outcome, after: Outcome, scheme: Scheme) -> None:
    gain = after.score - before.score
    say(f"then: score {after.score} ({gain:+d}), band {band_title(scheme, after.band)}")
    moved = [
        (name, before.points[name], points)
        for name, points in after.points.items()
        if before.points[name] != points
    ]
    if moved:
        say()
        table(
            ["line", "points", "then"],
            ([name, str(old), str(new)] for name, old, new in moved),
            right=("points", "then"),
        )
    effects = {item.id: item.effect for item in scheme.consequences}
    lines = [f"then also: {effects[x]}" for x in after.consequences if x not in before.consequences]
    lines += [
        f"no longer: {effects[x]}" for x in before.consequences if x not in after.consequences
    ]
    lines += [
        f"list {name}: {before.lists[name]}, then {state}"
        for name, state in after.lists.items()
        if before.lists[name] != state
    ]
    if lines:
        say()
    for line in lines:
        console().print(line)
    if not moved and not lines and not gain:
        say("nothing comes out differently")


def _tell_changes(found: Alternatives, scheme: Scheme) -> None:
    from rich.padding import Padding
    from rich.text import Text

    out = console()
    effects = {item.id: item.effect for item in scheme.consequences}
    rows: list[tuple[Any, ...]] = []
    for change in found.changes:
        names = ", ".join(filter(None, [change.rule, *change.assumed]))
        rule = f"  [{names}]" if names else ""
        rows.append((_signed(change.gain), f"{change.says}{rule}"))
        details = [f"then also: {effects[name]}" for name in change.gained]
        details += [f"no longer: {effects[name]}" for name in change.lost]
        if change.band != found.before.band and change.form not in ("edge", "time"):
            details.insert(0, f"band {band_title(scheme, change.band)}, score {change.score}")
        rows += [("", Padding(Text(detail, "dim"), (0, 0, 0, 2))) for detail in details]
    out.print("What would change it, each thing alone:")
    columns(rows)
