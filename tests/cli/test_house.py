"""How commands end: exit codes, quiet interruptions, help, plain output."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import Run, four_parts
from typer.testing import CliRunner

from xinyong.cli import house
from xinyong.cli.app import app
from xinyong.cli.output import console
from xinyong.scheme import library
from xinyong.scheme.binding import bind

XINYONG = [sys.executable, "-m", "xinyong"]
COMMANDS = """schemes show check test schema diff charter clauses score intake explain what-if
    sensors lab demo""".split()


def real(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*XINYONG, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(run: Run, command: str) -> None:
    done = run(command, "--help")
    assert done.code == 0
    assert "Examples:" in done.out and f"  xinyong {command}" in done.out
    assert max(map(len, done.out.splitlines())) <= 100


def test_the_whole_help_names_every_command_and_exit_code(run: Run) -> None:
    out = run("--help").out
    assert [word for word in COMMANDS if f"\n  {word} " not in out] == []
    assert "..." not in out.split("Commands:")[1].split("Exit codes:")[0]
    for code in house.EXIT_CODES:
        assert f" {code}  " in out


def test_help_loads_no_heavy_room() -> None:
    heavy = ["numpy", "pyarrow", "duckdb", "pydantic", "numba", "rich.table", "ruamel.yaml"]
    code = (
        "import sys\nfrom xinyong.cli import main\nsys.argv = ['xinyong', '--help']\n"
        f"try: main()\nfinally: print([m for m in {heavy} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_a_real_run_is_plain_when_it_is_read_by_a_program(scheme: Path) -> None:
    done = real("test", scheme)
    assert done.returncode == 0 and "\x1b" not in done.stdout
    assert all(line == line.rstrip() for line in real("schemes").stdout.splitlines())


def test_examples_set_variables_that_exist(run: Run) -> None:
    named = re.findall(r"--set ([a-z]\w+)=", run("what-if", "--help").out)
    assert named
    assert set(named) <= set(bind(library.load("sesame")).variables)


def test_no_color_means_no_escapes_even_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    out = console()
    assert out.is_terminal
    with out.capture() as held:
        out.print("words", style="bold red")
    assert "\x1b" not in held.get()


def test_version(run: Run) -> None:
    import xinyong

    assert run("--version").out.strip() == xinyong.__version__


def test_errors_stay_out_of_stdout_unless_json_is_asked(scheme: Path, tmp_path: Path) -> None:
    done = real("check", tmp_path / "none.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    told = real("check", tmp_path / "none.yaml", "--json")
    assert told.returncode == 2
    assert json.loads(told.stdout)["error"]["mend"]


def test_a_reader_that_goes_away_is_no_error() -> None:
    with subprocess.Popen(
        [*XINYONG, "show", "sesame"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        told = process.stderr.read()
        assert process.wait(timeout=60) == 141
    assert told == ""


def test_ctrl_c_is_quiet(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*XINYONG, "demo", "--people", "200000", "--firms", "10", "--out", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()  # it has begun
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        told = process.stderr.read()
        assert process.wait(timeout=60) == 130
    assert told == ""
    assert not list(tmp_path.glob("*.part"))


def test_a_mistake_of_our_own_asks_to_be_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def names() -> tuple[str, ...]:
        raise ZeroDivisionError("by nought")

    monkeypatch.delenv("XINYONG_DEBUG", raising=False)
    monkeypatch.setattr("xinyong.scheme.library.names", names)
    done = CliRunner().invoke(app, ["schemes"])
    assert done.exit_code == 70
    four_parts(done.stderr)
    assert "ZeroDivisionError: by nought" in done.stderr and "report" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Traceback" in CliRunner().invoke(app, ["--debug", "schemes"]).stderr
    monkeypatch.setenv("XINYONG_DEBUG", "1")
    assert "Traceback" in CliRunner().invoke(app, ["schemes"]).stderr


@pytest.mark.parametrize("columns", ["40", "80", "120"])
def test_output_fits_the_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch, scheme: Path, events: Path, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    words = ("explain", scheme, events, "--day", "2022-06-30", "--subject", "bob")
    assert max(map(len, run(*words).out.splitlines())) <= int(columns)
