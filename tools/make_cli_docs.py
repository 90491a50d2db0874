"""Writes docs/cli.md from the command line itself. Run after a verb or option changes.

python tools/make_cli_docs.py           write it
python tools/make_cli_docs.py --check   exit with 1 if it is out of date
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from xinyong.cli.app import app
from xinyong.cli.house import EXIT_CODES

PLACE = Path(__file__).resolve().parent.parent / "docs" / "cli.md"

HEAD = """\
# The command line

Made by `tools/make_cli_docs.py` from the commands themselves; do not edit by hand.

`xinyong COMMAND --help` says the same in a terminal. `SCHEME` is the name of a scheme in the
library (`xinyong schemes`) or a path to a YAML file; `EVENTS` is a Parquet, CSV or JSON Lines file,
a folder of them, or a quoted glob.

What is asked for goes to stdout; progress, with rate and time left, goes to stderr and only to a
terminal. With `--json` stdout holds one JSON document and nothing else; an error is then
`{"error": {"what", "where", "why", "mend"}}`. Output to a pipe is plain, and so is output under
`NO_COLOR`. No command prints names of subjects, other than the one it is asked about; `sensors`
prints the codes of organisations to inspect.
"""


def text() -> str:
    """The whole page."""
    group: Any = typer.main.get_command(app)
    parts = [HEAD, "## Exit codes\n", "| code | meaning |", "|---:|---|"]
    parts += [f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items()]
    parts += ["", "## For every command\n", *_options(group), ""]
    for name, command in _commands(group):
        parts += [f"## {name}\n", inspect.cleandoc(command.help or ""), ""]
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        words = " ".join(_word(p) for p in arguments)
        words = "COMMAND [ARGS]..." if hasattr(command, "commands") else words
        parts += ["```text", f"xinyong {name} [OPTIONS] {words}".rstrip(), "```", ""]
        parts += [*_options(command), ""]
        examples = command.epilog.replace("\b", "").strip().removeprefix("Examples:\n")
        parts += ["```text", inspect.cleandoc(examples), "```", ""]
    return "\n".join(parts).rstrip() + "\n"


def _commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every command with its whole name; a group stands before its own."""
    for name, command in group.commands.items():
        yield before + name, command
        if hasattr(command, "commands"):
            yield from _commands(command, f"{before}{name} ")


def _word(parameter: Any) -> str:
    name = str(parameter.metavar or parameter.name.upper())
    if parameter.nargs == -1:
        return f"[{name}]..."
    return name if parameter.required else f"[{name}]"


def _options(command: Any) -> list[str]:
    rows = []
    for parameter in command.params:
        if parameter.name in ("install_completion", "show_completion", "help"):
            continue
        if parameter.param_type_name == "argument":
            rows.append(f"| `{_word(parameter)}` | {_help(parameter)} |")
            continue
        names = " / ".join(f"`{name}`" for name in [*parameter.opts, *parameter.secondary_opts])
        value = "" if parameter.is_flag else f" {parameter.metavar or 'N'}"
        rows.append(f"| {names}{value} | {_help(parameter)} |")
    return ["| | |", "|---|---|", *rows] if rows else []


def _help(parameter: Any) -> str:
    said = " ".join((parameter.help or "").split()).replace("|", "\\|")
    default = parameter.default
    if parameter.param_type_name == "option" and parameter.required:
        return f"{said} Must be given."
    if isinstance(default, (int, str)) and not isinstance(default, bool):
        return f"{said} Default: `{default}`."
    return said


def main() -> int:
    """Write the page, or compare it."""
    new = text()
    if "--check" in sys.argv[1:]:
        old = PLACE.read_text(encoding="utf-8") if PLACE.exists() else ""
        if old != new:
            print("docs/cli.md is out of date: run python tools/make_cli_docs.py", file=sys.stderr)
        return int(old != new)
    PLACE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
