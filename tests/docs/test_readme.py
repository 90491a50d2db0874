"""What the README shows runs, and what the docs point to is there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import xinyong

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def ran(words: list[str], folder: Path) -> str:
    scripts = str(Path(sys.executable).parent)
    done = subprocess.run(
        words,
        cwd=folder,
        env={**os.environ, "PATH": f"{scripts}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_notebook_snippet_runs(tmp_path: Path) -> None:
    found = blocks("python")
    assert found
    for number, block in enumerate(found):
        path = tmp_path / f"snippet{number}.py"
        path.write_text(block, encoding="utf-8")
        out = ran([sys.executable, "-W", "error", str(path)], tmp_path)
        assert "band" in out


@pytest.mark.slow
def test_the_shell_snippet_runs(tmp_path: Path) -> None:
    found = blocks("shell")
    assert found
    for block in found:
        out = ran(["sh", "-e", "-c", block], tmp_path)
        assert "not a promise" in out
    assert (tmp_path / "scores.parquet").is_file()
    assert "Tax credit" in (tmp_path / "tax-credit.md").read_text(encoding="utf-8")


def test_the_scheme_shown_is_without_complaint() -> None:
    (text,) = blocks("yaml")
    scheme = xinyong.read_scheme(text)
    assert xinyong.check(scheme) == ()


def test_the_names_shown_are_the_names_there_are() -> None:
    for name in xinyong.__all__:
        assert re.search(rf"(xinyong\.|`){name}\b", README), name


def test_every_make_target_shown_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        wanted = set(re.findall(r"(?:`|^    )make ([a-z]+)\b", page.read_text(), re.MULTILINE))
        assert wanted <= targets, page.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if "://" not in link:
            assert (page.parent / link).exists(), link


def test_the_page_of_the_command_line_is_current() -> None:
    ran([sys.executable, "tools/make_cli_docs.py", "--check"], ROOT)


def test_the_page_of_the_api_is_current() -> None:
    ran([sys.executable, "tools/make_api_docs.py", "--check"], ROOT)


def test_the_rooms_in_the_architecture_page_are_the_rooms_there_are() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.split("| room |")[1].split("\n\n")[0]
    told = set(re.findall(r"`([a-z_]+)/?`", "\n".join(r.split("|")[1] for r in table.splitlines())))
    source = ROOT / "src" / "xinyong"
    there = {
        path.stem
        for path in source.iterdir()
        if not path.name.startswith("_") and (path.is_dir() or path.suffix == ".py")
    }
    assert told == there


@pytest.mark.parametrize(
    ("room", "heading"),
    [
        ("engine", "The engine"),
        ("charter", "The charter"),
        ("records", "Records that last"),
        ("service", "The service"),
    ],
)
def test_file_by_file_every_file_is_named_and_no_other(room: str, heading: str) -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.split(f"### {heading}, file by file")[1].split("| files |")[1].split("\n\n")[0]
    first = [row.split("|")[1] for row in table.splitlines()[2:]]
    named = [name for cell in first for name in re.findall(r"`([^`]+)`", cell)]
    told = sorted(name.rsplit("/", 1)[-1] for name in named if not name.endswith("/"))
    whole = {name.rstrip("/") for name in named if name.endswith("/")}
    there = sorted(
        path.stem
        for path in (ROOT / "src" / "xinyong" / room).rglob("*.py")
        if not path.name.startswith("_") and not whole & {one.name for one in path.parents}
    )
    assert told == there


def test_files_named_in_the_architecture_page_exist() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for name in re.findall(r"`([a-z_]+/[a-z_/]+\.py)`", page):
        places = [ROOT / name, ROOT / "src" / name, ROOT / "src" / "xinyong" / name]
        assert any(place.is_file() for place in places), name
