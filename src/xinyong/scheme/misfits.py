"""From what does not fit the model to complaints in our own words."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ValidationError

from xinyong.scheme import forms
from xinyong.scheme.complaints import Code, Complaint, Misfit, did_you_mean
from xinyong.scheme.tree import Branch, describe, find, place

Path = tuple[str | int, ...]
_LINE_TAGS = frozenset({"bins", "each", "when", "veto"})
_TYPES = frozenset({"literal_error", "is_instance_of", "dataclass_exact_type", "dataclass_type"})
_CASE_WORDS = frozenset({"at", "recorded", "struck", "id", "times", "every", "kind", "fields"})


def misfits(
    file: str, root: Branch, model: type[BaseModel], error: ValidationError
) -> list[Complaint]:
    """One complaint for everything that does not fit, with its place in the document."""
    found = _Misfits(file, root, model)
    typed: dict[Path, str] = {}
    others: list[tuple[Path, dict[str, Any]]] = []
    for item in error.errors(include_url=False, include_input=False):
        details: dict[str, Any] = dict(item)
        path, key = found.path(details["loc"], details["type"])
        if key:
            found.bad_key(path, details)
        elif details["type"] in _TYPES or details["type"].endswith("_type"):
            typed.setdefault(path, details["type"])
        else:
            others.append((path, details))
    below = {path[:cut] for path, _ in others for cut in range(len(path))}
    below |= {path[:cut] for path in typed for cut in range(len(path))}
    for path in typed:
        if path not in below:
            found.wrong_type(path)
    for path, details in others:
        found.other(path, details)
    return found.complaints


class _Misfits:
    def __init__(self, file: str, root: Branch, model: type[BaseModel]) -> None:
        self.file, self.root, self.model = file, root, model
        self.complaints: list[Complaint] = []

    def complain(
        self, path: Path, code: Code, message: str, mend: str = "", *, key: bool = False
    ) -> None:
        line, column = place(self.root, path, "key" if key else "value")
        self.complaints.append(Complaint(self.file, line, column, code, message, mend, path=path))

    def path(self, loc: Sequence[str | int], type_: str) -> tuple[Path, bool]:
        """The place in the document, without the names of a union's members.

        The second value says whether the complaint is about the key itself.
        """
        steps = list(loc)
        key = bool(steps) and steps[-1] == "[key]"
        if key:
            steps.pop()
        path: Path = ()
        here: Branch | None = self.root
        for index, step in enumerate(steps):
            last = index == len(steps) - 1
            if index == 3 and path[:2] == ("score", "add") and step in _LINE_TAGS:
                continue
            step = self._case_step(path, here, step)
            below = find(here, (step,)) if here is not None else None
            if below is not None:
                path, here = (*path, step), below
            elif last and type_ in ("missing", "extra_forbidden"):
                path = (*path, step)
        return path, key

    def _case_step(self, path: Path, here: Branch | None, step: str | int) -> str | int:
        """An event of a worked case is written ``{bill: {...}}``, not ``{kind: bill}``."""
        if step not in ("kind", "fields") or here is None or path[-2:-1] != ("events",):
            return step
        if not isinstance(here.below, dict) or step in here.below:
            return step
        return next((key for key in here.below if key not in _CASE_WORDS), step)

    def parts(self, path: Path) -> list[Any]:
        return forms.allowed(self.model, self.root.value, path)

    def bad_key(self, path: Path, details: dict[str, Any]) -> None:
        problem = details.get("ctx", {}).get("error")
        code = problem.code if isinstance(problem, Misfit) else Code.WRONG_VALUE
        self.complain(path, code, str(problem or "this key does not fit"), key=True)

    def wrong_type(self, path: Path) -> None:
        branch = find(self.root, path)
        value = branch.value if branch else None
        parts = self.parts(path)
        name = f"'{path[-1]}'" if path and isinstance(path[-1], str) else "this entry"
        literals = forms.literals(parts)
        if isinstance(value, str) and literals:
            self.complain(
                path,
                Code.WRONG_VALUE,
                f"{name} cannot be '{value[:60]}'",
                did_you_mean(value, literals),
            )
            return
        mend = ""
        raw = branch.raw if branch else None
        if raw and not isinstance(value, str) and (forms.takes_text(parts) or literals):
            mend = f'put it in quotes: "{raw[:60]}"'
        elif isinstance(value, str) and forms.takes_whole(parts) and _digits(value):
            mend = f"write {int(value)}"
        elif isinstance(value, Decimal) and forms.takes_whole(parts):
            mend = "write it without decimals"
        code = Code.WRONG_VALUE if literals and isinstance(value, bool) else Code.WRONG_TYPE
        self.complain(
            path, code, f"{name} takes {forms.words(parts)}; here is {_here(value)}", mend
        )

    def other(self, path: Path, details: dict[str, Any]) -> None:
        type_, ctx = details["type"], details.get("ctx", {})
        name = f"'{str(path[-1])[:60]}'" if path and isinstance(path[-1], str) else "this entry"
        if type_ == "missing":
            self.missing(path)
        elif type_ == "extra_forbidden":
            known = forms.keys(self.parts(path[:-1]))
            self.complain(
                path,
                Code.UNKNOWN_FIELD,
                f"no field is called {name} here",
                did_you_mean(str(path[-1]), known),
                key=True,
            )
        elif type_.startswith("union_tag"):
            self.complain(
                path,
                Code.UNCLEAR_FORM,
                "it cannot be told what kind of line this is",
                "a line has one of bins, each, when; a veto has when and at_most",
            )
        elif isinstance(ctx.get("error"), Misfit):
            problem = ctx["error"]
            self.complain(path, problem.code, str(problem), problem.mend)
        elif type_ == "value_error":
            self.complain(path, Code.WRONG_VALUE, _sentence(name, str(ctx.get("error", ""))))
        else:
            code, message = _bounds(name, type_, ctx)
            self.complain(path, code, message)

    def missing(self, path: Path) -> None:
        branch = find(self.root, path[:-1])
        whole = f"'{path[-2]}'" if len(path) > 1 and isinstance(path[-2], str) else "this entry"
        whole = getattr(self.model, "called", "the scheme") if len(path) == 1 else whole
        parts = self.parts(path)
        line, column = place(self.root, path[:-1], "key")
        if branch is not None and not path[:-1]:
            line, column = branch.line, branch.column
        self.complaints.append(
            Complaint(
                self.file,
                line,
                column,
                Code.MISSING_FIELD,
                f"{whole} has no '{path[-1]}'",
                f"add '{path[-1]}': {forms.words(parts)}" if parts else "",
                path=path,
            )
        )


def _digits(text: str) -> bool:
    return text.lstrip("+-").isdecimal() and text.isascii() and len(text) < 31


def _here(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return f"the text '{value[:40]}{'…' if len(value) > 40 else ''}'"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value}" if isinstance(value, (int, Decimal)) else describe(value)


def _sentence(name: str, problem: str) -> str:
    return problem if problem.startswith("'") else f"{name} {problem}"


def _bounds(name: str, type_: str, ctx: dict[str, Any]) -> tuple[Code, str]:
    match type_:
        case "greater_than_equal":
            return Code.WRONG_VALUE, f"{name} is at least {ctx['ge']:,}"
        case "less_than_equal":
            return Code.WRONG_VALUE, f"{name} is at most {ctx['le']:,}"
        case "string_too_short" | "too_short":
            return Code.WRONG_VALUE, f"{name} must not be empty"
        case "string_too_long":
            return Code.WRONG_VALUE, f"{name} has at most {ctx['max_length']:,} characters"
        case "too_long":
            return Code.TOO_MANY, f"{name} has at most {ctx['max_length']:,} entries"
    return Code.WRONG_VALUE, f"{name} does not take this value"
