"""The verb about readings of instruments: sensors."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from xinyong.cli.given import Json, examples, read_day
from xinyong.cli.output import as_json, bullets, note, say
from xinyong.days import from_instant, start_of_day
from xinyong.errors import QuestionRefused

if TYPE_CHECKING:
    from xinyong.records.sensors.flags import Flag
    from xinyong.records.sensors.folder import Examined
    from xinyong.records.sensors.kinds import Kind


def add_to(app: typer.Typer) -> None:
    """Put the verb of this module on the command line."""
    app.command(
        epilog=examples(
            "xinyong sensors readings --genuine-until 2022-01-02 --zone Asia/Shanghai",
            "xinyong sensors readings --genuine-until 2022-01-02 --zone Asia/Shanghai \\",
            "    --kind flat --kind 'noisy copy'",
            "xinyong sensors readings --genuine-until 2022-01-02 --zone Asia/Shanghai --json",
        )
    )(sensors)


def sensors(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="The register, instruments.csv, and files of readings beside it."
        ),
    ],
    genuine_until: Annotated[
        str,
        typer.Option(
            "--genuine-until",
            metavar="DAY",
            help="What came before this day is taken for genuine, since it was inspected or"
            " compared: thresholds come from it alone. The weeks from this day on are judged.",
        ),
    ],
    zone: Annotated[
        str,
        typer.Option(
            "--zone",
            metavar="ZONE",
            help="The time zone of the day, and of moments without an offset.",
        ),
    ],
    kinds: Annotated[
        list[str] | None,
        typer.Option(
            "--kind",
            metavar="KIND",
            help="Look for this kind alone (can be given several times): copied, flat, capped,"
            " diluted, typed, noisy copy. Default: all six.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Say whose instruments to inspect first.

    Readings are looked through for signs that they are made up: flags. A flag is a reason to
    inspect sooner; it is no finding, no event and no part of any score. The list says how many of
    its flags chance would bring, what was set aside, what was odd, and what could not be judged.
    Nothing is written, and flags do not change the exit code.
    """
    from xinyong.records.sensors.folder import examine_folder

    place = _zone(zone)
    why = "what came before it is taken for genuine"
    day = read_day(genuine_until, "--genuine-until", why=why, like="2022-01-02")
    asked = tuple(dict.fromkeys(_kind(one) for one in kinds or _all()))
    found = examine_folder(folder, genuine_until=start_of_day(day, place), zone=place, kinds=asked)
    if json:
        as_json(_data(found, place))
    else:
        _print(found, place)


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise QuestionRefused(
            f"no time zone is called '{text[:60]}'",
            where="--zone",
            why="moments without an offset, and the day, are read in it",
            mend="write one such as Asia/Shanghai",
        ) from None


def _all() -> list[str]:
    from xinyong.records.sensors.kinds import Kind

    return [kind.value for kind in Kind]


def _kind(text: str) -> Kind:
    from xinyong.records.sensors.kinds import Kind

    try:
        return Kind(text)
    except ValueError:
        raise QuestionRefused(
            f"no kind of fabrication is called '{text[:60]}'",
            where="--kind",
            why="each kind is looked for by a detector of its own",
            mend="write one of " + ", ".join(_all()),
        ) from None


def _data(found: Examined, zone: ZoneInfo) -> dict[str, Any]:
    listed = found.priorities
    return {
        "told": listed.told,
        "looked_at": listed.looked_at,
        "flagged_by_chance": listed.flagged_by_chance,
        "firms": [
            {
                "firm": one.firm,
                "tries": one.tries,
                "by_chance": one.by_chance,
                "odds": one.odds,
                "flags": [
                    {
                        "instrument": flag.instrument,
                        "substance": flag.substance,
                        "kind": flag.kind.value,
                        "start": _local(flag.start, zone),
                        "end": _local(flag.end, zone),
                        "evidence": flag.evidence,
                        "false_alarms_per_10000": flag.false_alarms_per_10000,
                        "use": flag.use,
                    }
                    for flag in one.flags
                ],
            }
            for one in listed.firms
        ],
        "not_judged": found.not_judged,
        "rows": found.taken.rows,
        "aside": [
            {"file": one.file, "line": one.line, "reason": one.reason, "text": one.text}
            for one in found.taken.aside
        ],
        "troubles": [
            {
                "instrument": one.instrument,
                "odd": one.odd.value,
                "start": _local(one.start, zone),
                "count": one.count,
                "text": one.text,
                "file": one.file,
                "line": one.line,
            }
            for one in found.taken.troubles
        ],
    }


def _local(moment: int, zone: ZoneInfo) -> str:
    return from_instant(moment).astimezone(zone).isoformat()


def _print(found: Examined, zone: ZoneInfo) -> None:
    if found.tries:
        say(found.priorities.told)
    else:
        say("Nothing was judged: no week of any instrument could be held against a genuine record.")
    for number, firm in enumerate(found.priorities.firms, 1):
        say()
        say(
            f"{number}. {firm.firm}: {_count(len(firm.flags), 'flag')} of {firm.tries:,} weeks and"
            f" kinds; chance brings {firm.by_chance:.1f}"
        )
        bullets(_flag(flag, zone) for flag in firm.flags)
    if found.not_judged:
        say()
        say("Not judged:")
        bullets(f"{name}: {why}" for name, why in sorted(found.not_judged.items()))
    taken = found.taken
    say()
    say(f"{taken.rows:,} rows read, {len(taken.aside):,} set aside")
    reasons = Counter(one.reason for one in taken.aside)
    bullets(f"{reason}: {count:,}" for reason, count in reasons.most_common())
    odd = Counter((one.instrument, one.odd.value) for one in taken.troubles)
    if odd:
        say("Odd, and left in:")
        bullets(f"{name}: {what}, {_count(odd[name, what], 'time')}" for name, what in sorted(odd))
    if taken.aside or odd:
        note("Each row set aside and each oddity stands, with its place, in the answer to --json.")


def _flag(flag: Flag, zone: ZoneInfo) -> str:
    start = from_instant(flag.start).astimezone(zone)
    return (
        f"{flag.instrument} ({flag.substance}), week from {start:%Y-%m-%d %H:%M},"
        f" {flag.kind.value}: {flag.evidence}"
    )


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
