"""Writes docs/mechanisms.md from the table of mechanisms. Run after the table changes.

python tools/make_lab_docs.py           write it
python tools/make_lab_docs.py --check   exit with 1 if it is out of date
"""

import sys
from pathlib import Path

from xinyong.lab.catalogue import MEASURES
from xinyong.lab.mechanisms import ARTICLES, MECHANISMS, SOCIETY
from xinyong.lab.mechanisms_parts import Mechanism, Setting
from xinyong.lab.report import SECTIONS

PLACE = Path(__file__).resolve().parent.parent / "docs" / "mechanisms.md"

HEAD = """\
# Mechanisms and measures of the lab

Made by `tools/make_lab_docs.py` from `xinyong.lab.mechanisms` and `xinyong.lab.catalogue`; do not
edit by hand. [lab.md](lab.md) says how they are used.

Each mechanism is a switch. Its first setting is its dial: switched off is the same, to the bit, as
the dial at 0. A default is marked [P] for a primary text, [S] for a secondary source, [M] for
memory only; *assumed* means that nobody published it and we chose it. Sweep what is assumed before
you believe a result.

The five source articles:
"""


def text() -> str:
    """The whole page."""
    count = sum(len(m.settings) for m in MECHANISMS.values()) + len(SOCIETY)
    assumed = sum(s.mark == "assumed" for m in MECHANISMS.values() for s in m.settings)
    assumed += sum(s.mark == "assumed" for s in SOCIETY.values())
    parts = [HEAD]
    parts += [f"- *{name}*: {title}" for name, title in ARTICLES.items()]
    parts += [
        "",
        f"There are {len(MECHANISMS)} mechanisms and, with those of the town itself, {count}"
        f" settings, of which {assumed} are assumed.",
        "",
        "## The town itself",
        "",
        *_settings("society", list(SOCIETY.values())),
        "",
    ]
    titles = {name: title for name, title, _ in SECTIONS}
    for mechanism in MECHANISMS.values():
        parts += [*_mechanism(mechanism, titles), ""]
    parts += [
        "## Measures",
        "",
        "| name | what | unit | better | source |",
        "|---|---|---|---|---|",
    ]
    parts += [
        f"| `{m.name}` | {m.title} | {m.unit} | {m.better} | {m.source} |"
        for m in MEASURES.values()
    ]
    return "\n".join(parts) + "\n"


def _mechanism(mechanism: Mechanism, titles: dict[str, str]) -> list[str]:
    measures = ", ".join(f"`{name}` ({MEASURES[name].title})" for name in mechanism.measures)
    return [
        f"## {mechanism.name}",
        "",
        f"**{mechanism.title}.** {mechanism.models} {mechanism.does}",
        "",
        *_settings(mechanism.name, list(mechanism.settings)),
        "",
        f"Described in: {mechanism.described}. By default {'on' if mechanism.on else 'off'}.",
        f"Shown by {measures}, in the report under “{titles[mechanism.figure]}”.",
    ]


def _settings(owner: str, settings: list[Setting]) -> list[str]:
    rows = [
        "| setting | what | default | from to | unit | where from |",
        "|---|---|---:|---|---|---|",
    ]
    rows += [
        f"| `{owner}.{s.name}` | {s.title} | {s.default:.4g} | {s.least:g} to {s.most:g} | {s.unit}"
        f" | {'*assumed*' if s.mark == 'assumed' else s.whence} |"
        for s in settings
    ]
    return rows


def main() -> int:
    """Write the page, or compare it."""
    new = text()
    if "--check" in sys.argv[1:]:
        old = PLACE.read_text(encoding="utf-8") if PLACE.exists() else ""
        if old != new:
            print("docs/mechanisms.md is out of date: run python tools/make_lab_docs.py")
        return int(old != new)
    PLACE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
