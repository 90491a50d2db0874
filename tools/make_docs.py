"""Write the parts of the documentation that are made from the code and the library.

python tools/make_docs.py                   write them all
python tools/make_docs.py reference         the language, the codes, the table of clauses
python tools/make_docs.py pages             a page for each scheme and clause, and the numbers
python tools/make_docs.py --check [PART]    say which are out of date; exit 1 if any
"""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import docs_charter
import docs_language
import docs_library
import docs_numbers

from xinyong.face.page import SchemePage, scheme_page
from xinyong.scheme import library

DOCS = Path(__file__).resolve().parent.parent / "docs"

Made = dict[Path, str | None]
"""What a file must hold; None: it must not be there."""


def with_blocks(page: Path, **blocks: str) -> str:
    """A page whose marked blocks are replaced; the rest of it is written by hand."""
    text = page.read_text(encoding="utf-8")
    for name, made in blocks.items():
        begin, end = f"<!-- {name}: made by tools/make_docs.py -->", f"<!-- end of {name} -->"
        head, found, rest = text.partition(begin)
        _, closed, rest = rest.partition(end)
        if not found or not closed:
            raise SystemExit(f"docs/{page.name} has no block '{name}'")
        text = f"{head}{begin}\n{made}\n{end}{rest}"
    return text


def reference() -> Made:
    """What is made from the code alone."""
    charter, language = DOCS / "charter.md", DOCS / "language.md"
    return {
        DOCS / "codes.md": docs_language.codes(),
        language: with_blocks(language, fields=docs_language.fields()),
        charter: with_blocks(
            charter,
            severities=docs_charter.severities(),
            verdicts=docs_charter.verdicts(),
            ladders=docs_charter.ladders(),
            clauses=docs_charter.index(),
        ),
    }


def pages() -> Made:
    """What is made from the library as well."""
    shown = {name: scheme_page(name) for name in library.names()}
    shelf = DOCS / "library.md"
    return {
        **_folder("schemes", docs_library.scheme_pages(shown)),
        **_folder("clauses", _clauses(shown)),
        shelf: with_blocks(shelf, schemes=docs_library.shelf(shown)),
        DOCS / "seen-and-guessed.md": docs_numbers.page(),
    }


def _clauses(shown: dict[str, SchemePage]) -> Iterable[tuple[str, str]]:
    schemes = {name: page.scheme for name, page in shown.items()}
    return docs_charter.clause_pages(docs_library.reports(shown), schemes)


def _folder(name: str, files: Iterable[tuple[str, str]]) -> Made:
    """The files of a folder; what else lies there must go."""
    there: Made = dict.fromkeys((DOCS / name).glob("*.md"))
    return there | {DOCS / name / file: text for file, text in files}


PARTS: dict[str, Callable[[], Made]] = {"reference": reference, "pages": pages}


def main(words: list[str]) -> int:
    checking = "--check" in words
    parts = [word for word in words if word != "--check"] or list(PARTS)
    odd = [part for part in parts if part not in PARTS]
    if odd:
        print(f"there is no part '{odd[0]}'; there are: {', '.join(PARTS)}", file=sys.stderr)
        return 2
    stale = 0
    for part in parts:
        for path, text in PARTS[part]().items():
            now = path.read_text(encoding="utf-8") if path.is_file() else None
            if now == text:
                continue
            stale += 1
            name = path.relative_to(DOCS.parent)
            if checking:
                print(f"{name} is out of date; run python tools/make_docs.py {part}")
            elif text is None:
                path.unlink()
                print(f"{name} removed")
            else:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
                print(f"{name} written")
    return 1 if checking and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
