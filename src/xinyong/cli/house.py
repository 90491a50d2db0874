"""How every command ends: exit codes, errors in four parts, quiet interruptions."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import typer
from typer.core import TyperGroup

from xinyong.errors import CharterRefused, SchemeRefused, XinyongError

NO: Final = 1
"""The command worked and the answer is no: complaints, failed cases."""
BAD_INPUT: Final = 2
"""The command could not work: wrong usage or bad input."""
BROKEN: Final = 70
"""A mistake of xinyong's own."""
INTERRUPTED: Final = 130
NO_READER: Final = 141

EXIT_CODES: Final = {
    0: "fine",
    NO: "the answer is no: complaints, failed cases, a refusal, rows set aside under --strict",
    BAD_INPUT: "wrong usage or bad input; nothing was written",
    BROKEN: "a mistake inside xinyong, please report it",
    INTERRUPTED: "interrupted with Ctrl-C",
    NO_READER: "whoever read the output went away",
}


@dataclass(slots=True)
class Session:
    """What was asked for the whole run."""

    debug: bool = False
    json: bool = False


_session = Session()


def session() -> Session:
    """The session of the command that runs."""
    return _session


class House(TyperGroup):
    """The group of all commands; turns every failure into an exit code and a short text."""

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command."""
        _session.debug = bool(ctx.params.get("debug")) or os.environ.get("XINYONG_DEBUG") == "1"
        _session.json = False
        with _endings():
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result


@contextmanager
def _endings() -> Iterator[None]:
    try:
        yield
    except (typer.Exit, typer.Abort):
        raise
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        # Python would complain once more when it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise typer.Exit(NO_READER) from None
    except CharterRefused as error:
        _tell(error)
        raise typer.Exit(NO) from None
    except XinyongError as error:
        _tell(error)
        raise typer.Exit(BAD_INPUT) from None
    except OSError as error:
        if error.errno is None:
            _confess(error)
            raise typer.Exit(BROKEN) from None
        _tell(
            XinyongError(
                f"{(error.strerror or str(error)).lower()}",
                where=str(error.filename or ""),
                why="the system refused to open, read or write it",
                mend="check the path, its permissions and the space left",
            )
        )
        raise typer.Exit(BAD_INPUT) from None
    except Exception as error:
        if hasattr(error, "show") and hasattr(error, "exit_code"):
            raise  # wrong usage: typer says so itself
        _confess(error)
        raise typer.Exit(BROKEN) from None


def _tell(error: XinyongError) -> None:
    """An error in its four parts to stderr; under --json also as JSON to stdout."""
    if _session.debug:
        traceback.print_exc()
    print(f"error: {error}", file=sys.stderr)
    if isinstance(error, CharterRefused):
        _findings(error)
    if _session.json:
        told: dict[str, Any] = {
            "what": error.what,
            "where": error.where,
            "why": error.why,
            "mend": error.mend,
        }
        if isinstance(error, SchemeRefused):
            told["complaints"] = [str(complaint) for complaint in error.complaints]
        if isinstance(error, CharterRefused):
            told["findings"] = [
                {"clause": f.clause, "severity": f.severity.name, "place": f.place, "why": f.why}
                for f in error.findings
            ]
        print(json.dumps({"error": told}, ensure_ascii=False, indent=2))


_MOST_FINDINGS: Final = 12


def _findings(error: CharterRefused) -> None:
    """The findings that stop a scheme, worst first; the rest are counted."""
    stopping = [f for f in error.findings if f.severity.name in ("FORBID", "ERROR")]
    for finding in stopping[:_MOST_FINDINGS]:
        print(
            f"  {finding.severity.name:<6} {finding.clause}: {finding.why}",
            file=sys.stderr,
        )
    if len(stopping) > _MOST_FINDINGS:
        print(f"  and {len(stopping) - _MOST_FINDINGS} more", file=sys.stderr)


def _confess(error: Exception) -> None:
    if _session.debug:
        traceback.print_exc()
    print(
        f"error: something went wrong inside xinyong: {type(error).__name__}: {error}\n"
        "  why:  this is a mistake of xinyong's own, not of your input\n"
        "  mend: please report it with the command you ran and this text;"
        " --debug (or XINYONG_DEBUG=1) shows where it happened",
        file=sys.stderr,
    )
