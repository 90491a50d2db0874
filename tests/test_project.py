"""The project agrees with itself: versions, lock, sizes, no addresses of package servers."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import xinyong

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
LARGEST = 1_000_000

# Written in pieces, so that this file does not hold what it looks for.
HOSTS = ["py" + "pi.org", "python" + "hosted.org", "ana" + "conda.org", "ana" + "conda.com"]
SERVER = re.compile(
    "|".join(map(re.escape, HOSTS))
    + r"|(?:index-url|index_url|find-links|find_links)[\s\"'=:]+\S*://",
    re.IGNORECASE,
)


def project_files() -> list[Path]:
    """Every file git knows or would take, as it lies in the work tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    paths = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in paths if path.is_file()]


@pytest.fixture(scope="module")
def files() -> list[Path]:
    found = project_files()
    assert ROOT / "pyproject.toml" in found
    return found


def locked_names() -> set[str]:
    return set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", LOCK, re.MULTILINE))


def normal(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None
    return re.sub(r"[-_.]+", "-", name.group()).lower()


def test_version_is_the_same_everywhere() -> None:
    assert xinyong.__version__ == PYPROJECT["project"]["version"]


def test_changelog_leads_with_this_version_or_unreleased() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[([^\]]+)\]", text, re.MULTILINE)
    numbered = [version for version in versions if version != "Unreleased"]
    assert versions
    assert versions[0] in {"Unreleased", xinyong.__version__}
    assert numbered[:1] in ([], [xinyong.__version__])


def test_every_changelog_entry_says_which_scores_change() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    entries = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert entries
    for entry in entries:
        assert "### Changes that alter a score" in entry, entry.splitlines()[0]


def test_lock_names_no_address() -> None:
    assert "://" not in LOCK
    assert not re.search(r"^\s*--(?!hash=)", LOCK, re.MULTILINE)
    assert not re.search(r"^[^#]* @ ", LOCK, re.MULTILINE)


def test_lock_hashes_every_package() -> None:
    blocks = re.split(r"^(?=[a-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert len(blocks) > len(PYPROJECT["project"]["dependencies"])
    for block in blocks:
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_lock_holds_every_direct_dependency() -> None:
    wanted = [
        *PYPROJECT["project"]["dependencies"],
        *PYPROJECT["project"]["optional-dependencies"]["fast"],
        *PYPROJECT["dependency-groups"]["dev"],
        *PYPROJECT["dependency-groups"]["build"],
        *PYPROJECT["build-system"]["requires"],
    ]
    missing = {normal(name) for name in wanted} - {normal(name) for name in locked_names()}
    assert not missing


def test_no_second_lock(files: list[Path]) -> None:
    assert not [path for path in files if path.name == "uv.lock"]


def test_no_file_is_large(files: list[Path]) -> None:
    large = {str(path.relative_to(ROOT)): path.stat().st_size for path in files}
    assert {name: size for name, size in large.items() if size > LARGEST} == {}


def test_no_file_names_a_package_server(files: list[Path]) -> None:
    found = []
    for path in files:
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {hit.group()}" for hit in SERVER.finditer(text)]
    assert found == []


def test_the_package_is_marked_as_typed() -> None:
    assert (Path(xinyong.__file__).parent / "py.typed").is_file()


def test_every_folder_of_modules_is_a_package() -> None:
    """The import contracts see only packages, so a folder without __init__.py would escape them."""
    folders = {path.parent for path in (ROOT / "src" / "xinyong").rglob("*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []
