"""Conditions as a Chinese reader sees them; titles and words of the scheme stand in 「」.

A letter puts the scheme's Chinese wording, if there is one, in the place of what stands in 「」.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from xinyong.scheme.nodes import (
    Among,
    And,
    Arith,
    Compare,
    Const,
    Extreme,
    Known,
    Negate,
    Node,
    Not,
    On,
    Or,
    Ref,
    Widen,
)
from xinyong.scheme.sentences import format_value

_SAID: Final = {
    "<": "小于",
    "<=": "不超过",
    ">": "大于",
    ">=": "不低于",
    "==": "为",
    "!=": "不为",
    "+": "加",
    "-": "减",
    "*": "乘以",
    "/": "除以",
}
_WORDS: Final = {"yes": "是", "no": "否", "unknown": "未知"}


def value_zh(text: str) -> str:
    """A value as the engine writes it, in Chinese: ``3 days`` becomes ``3天``."""
    number, _, unit = text.partition(" ")
    if unit in ("days", "hours"):
        return f"{number}{'天' if unit == 'days' else '小时'}"
    return _WORDS.get(text, text)


def sentence_zh(node: Node, titles: Mapping[str, str]) -> str:
    """An expression as a Chinese clause, names replaced by their titles."""

    def inner(part: Node) -> str:
        text = sentence_zh(part, titles)
        return f"（{text}）" if isinstance(part, (And, Or, Arith)) else text

    match node:
        case Const():
            quoted = node.kind.base == "text"
            return f"「{node.value}」" if quoted else value_zh(format_value(node.value, node.kind))
        case Ref(role="score" | "band"):
            return "评分" if node.role == "score" else "等级"
        case Ref():
            return f"「{titles.get(node.name, node.name)}」"
        case Widen():
            return sentence_zh(node.arg, titles)
        case Negate():
            return f"负{inner(node.arg)}"
        case Compare() | Arith():
            return f"{inner(node.left)}{_SAID[node.op]}{inner(node.right)}"
        case Among():
            return f"{inner(node.arg)}为{'或'.join(inner(value) for value in node.values)}"
        case Not():
            if isinstance(node.arg, Known):
                return f"{inner(node.arg.arg)}未知"
            return f"并非{inner(node.arg)}" if isinstance(node.arg, Ref) else _not(inner(node.arg))
        case And():
            return "，并且".join(inner(item) for item in node.items)
        case Or():
            return "，或者".join(inner(item) for item in node.items)
        case Known():
            return f"{inner(node.arg)}已知"
        case On():
            return f"当事人已列入名单「{titles.get(node.name, node.name)}」"
        case Extreme():
            word = "最小值" if node.which == "min" else "最大值"
            return f"{'、'.join(inner(item) for item in node.items)}中的{word}"


def _not(text: str) -> str:
    return f"下列情形不成立：{text}"


__all__ = ["sentence_zh", "value_zh"]
