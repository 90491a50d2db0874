"""The language page's table of fields, and the page of complaint codes."""

from typing import Any, get_args, get_origin

from pydantic import BaseModel

from xinyong.scheme import forms
from xinyong.scheme.complaints import MEANING, SEVERITY
from xinyong.scheme.json_schema import described
from xinyong.scheme.model import Scheme
from xinyong.scheme.notes import NOTES


def codes() -> str:
    rows = [f"| `{code}` | {SEVERITY[code]} | {text} |" for code, text in MEANING.items()]
    return "\n".join(
        [
            "# Codes of complaints",
            "",
            "Made by `tools/make_docs.py` from `xinyong.scheme.complaints`; do not edit.",
            "",
            "An *error* keeps a scheme from being used. A *finding* is legal and still suspicious:",
            "it is told by `xinyong check` and stops nothing, unless `--strict` is given.",
            "Each complaint is printed as `file:line:column  code: what is wrong`, then a line on",
            "how to mend it.",
            "",
            "| code | kind | what it says |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def models() -> list[type[BaseModel]]:
    """All parts of a document, in the order in which a reader meets them."""
    found: dict[type[BaseModel], None] = {}

    def visit(annotation: Any) -> None:
        for part in forms.members(annotation):
            if forms.is_model(part):
                if part not in found:
                    found[part] = None
                    for below in forms.hints(part).values():
                        visit(below)
            elif get_origin(part) in (dict, tuple):
                for below in get_args(part):
                    if below is not ...:
                        visit(below)

    visit(Scheme)
    return list(found)


def takes(annotation: Any) -> str:
    parts = list(forms.members(annotation))
    said = []
    for part in parts:
        origin = get_origin(part)
        if forms.is_model(part):
            said.append(f"[{part.__name__}](#{part.__name__.lower()})")
        elif origin is tuple:
            said.append(f"a list; each: {takes(get_args(part)[0])}")
        elif origin is dict:
            said.append(f"a mapping; each: {takes(get_args(part)[1])}")
        else:
            said.append(forms.words([part]))
    return " or ".join(dict.fromkeys(said))


def fields() -> str:
    parts: list[str] = []
    for model in models():
        parts += ["", f"### {model.__name__}", "", described(model), ""]
        parts += ["| field | takes | needed | note |", "|---|---|---|---|"]
        for name, field in model.model_fields.items():
            key = field.alias or name
            needed = "yes" if field.is_required() else ""
            note = NOTES.get((model.__name__, key), "")
            parts.append(f"| `{key}` | {takes(forms.hints(model)[key])} | {needed} | {note} |")
    return "\n".join([*parts, ""])
