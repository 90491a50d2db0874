"""中文短函（简体）。"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from xinyong.decisions.dispute import Finding, OnTimeout
from xinyong.decisions.told import Told
from xinyong.decisions.words_zh import day, ground, quoted

Wording = Mapping[str, str]


_TIMEOUT: Final[Mapping[OnTimeout | None, str]] = {
    None: "",
    "removed": "上述记录已撤下，不再计入评分。",
    "left out": "在作出处理之前，上述记录不计入评分。",
    "kept": "按照方案规定，上述记录重新计入评分。",
}


def told(letter: Told, wording: Wording) -> str:
    """一封短函。"""
    lines = [
        wording.get(letter.operator, letter.operator),
        f"函件编号：{letter.id}",
        f"日期：{day(letter.given)}",
        f"收件人：{letter.whom}",
        "",
        *_body(letter, wording),
        "",
        f"联系方式：{letter.contact}",
        f"方案：{letter.scheme}",
    ]
    return "\n".join(lines) + "\n"


def _body(letter: Told, wording: Wording) -> Iterator[str]:
    word = letter.kind.partition(" ")[0]
    if letter.to == "recipient":
        yield from _recipient(letter)
    elif word == "dispute":
        yield from (_dispute(letter) if letter.to == "subject" else _source(letter))
    elif letter.kind == "decision replaced":
        yield from _replaced(letter)
    else:
        yield from _listing(letter, wording)
    if letter.review is not None and letter.until is not None and letter.to == "subject":
        yield (
            f"如果您不服，可以在{day(letter.until)}前（含当日）"
            f"向{quoted(letter.review, wording)}申请复核。"
        )


def _records(letter: Told) -> str:
    return "、".join(letter.events) or "未指明具体记录"


def _due(letter: Told) -> str:
    return "" if letter.decide_due is None else day(letter.decide_due)


def _dispute(letter: Told) -> Iterator[str]:
    yield f"关于您的异议（编号{letter.about}）。涉及的记录：{_records(letter)}。"
    if letter.statement is not None:
        yield f"您的陈述：{letter.statement}"
    if letter.kind == "dispute opened":
        yield "我们已收到您的异议。自提出之时起，上述记录不再计入评分，以其为依据的限制一律暂停。"
        if letter.mark_due is not None:
            yield f"我们将于{day(letter.mark_due)}前（含当日）为上述记录作出异议标注。"
        yield f"我们将于{_due(letter)}前（含当日）书面答复并说明理由。"
    elif letter.kind == "dispute extended":
        yield f"处理期限延长一次，我们将于{_due(letter)}前（含当日）书面答复并说明理由。"
        yield "在此之前，上述记录不计入评分。"
    elif letter.kind == "dispute timed out":
        yield f"截至{_due(letter)}我们未能作出处理，责任在我方。{_TIMEOUT[letter.on_timeout]}"
    elif letter.finding is not None:
        yield from _finding(letter.finding)
    if letter.handler is not None:
        yield f"经办人：{letter.handler}。"


def _finding(finding: Finding) -> Iterator[str]:
    if finding.found == "kept":
        yield "处理结果：记录维持不变，重新计入评分。"
    elif finding.found == "deleted":
        yield "处理结果：记录已删除，今后不得作为任何决定的依据。"
    else:
        yield "处理结果：记录已更正，按更正后的内容计入评分："
        for one in finding.fields:
            value = one.says or ("未知" if one.value is None else _value(one.value))
            yield f"·记录{one.event}，字段{one.field}：{value}"
    yield f"理由：{finding.grounds}"
    if finding.found != "kept":
        yield "有关决定如因此改变，凡曾获知该决定的机构，我们都会逐一告知。"


def _value(value: bool | int | str) -> str:
    return ("是" if value else "否") if isinstance(value, bool) else str(value)


def _source(letter: Told) -> Iterator[str]:
    yield f"贵方提供的下列记录有人提出异议（异议编号{letter.about}）：{_records(letter)}。"
    if letter.statement is not None:
        yield f"当事人陈述：{letter.statement}"
    if letter.finding is not None:
        yield from _finding(letter.finding)
        if letter.finding.found != "kept":
            yield "请同步更正贵方数据，不要再次报送原记录。"
    elif letter.kind == "dispute timed out":
        yield f"截至{_due(letter)}未能作出处理。{_TIMEOUT[letter.on_timeout]}"
        if letter.on_timeout == "removed":
            yield "请勿再次报送。"
    else:
        yield f"请予核实，并在{_due(letter)}之前尽早答复，附上相关材料。"


def _listing(letter: Told, wording: Wording) -> Iterator[str]:
    yield f"名单：{quoted(letter.title or '', wording)}。条目编号：{letter.about}。"
    if letter.kind == "listing announced":
        yield f"拟将您列入上述名单，列入条件：{ground(letter.ground_zh or '', wording)}。"
        yield f"所依据的记录：{_records(letter)}。"
        yield f"法律依据：{quoted(letter.law or '', wording)}。"
        yield (
            f"决定机关：{quoted(letter.authority or '', wording)}；"
            f"决定文书：{quoted(letter.decided_in or '', wording)}。"
        )
        if letter.effective is not None and letter.end is not None:
            yield f"自{day(letter.effective)}起生效，最迟于{day(letter.end)}终止。"
        if letter.hearing:
            yield "生效之前，您有权陈述、申辩并参加听证。"
        yield "如果某项记录有误，请提出异议，异议期间暂停列入。"
    elif letter.kind == "repair asked":
        yield "您申请移出名单。"
        yield f"除非有人在{_due(letter)}前（含当日）作出不予移出的决定，期满即移出。"
    elif letter.kind == "repair refused":
        yield "您申请移出名单，经审核不予移出。"
    elif letter.kind == "listing removed":
        yield f"自{day(letter.end) if letter.end else ''}起，您已移出上述名单。"
    else:
        yield "该条目系错误列入，自始无效，视为从未列入。"
        yield "凡曾查看该条目的机构，我们都会逐一告知。"
        if letter.wrongful is not None:
            yield f"补救措施：{quoted(letter.wrongful, wording)}。"
    if letter.grounds is not None:
        yield f"理由：{letter.grounds}"


_CHANGED = {
    "score": "评分",
    "band": "等级",
    "reasons": "理由",
    "benefits": "优惠",
    "burdens": "限制",
}


def _replaced(letter: Told) -> Iterator[str]:
    yield f"编号为{letter.about}的决定所依据的记录已经更正：{_records(letter)}。"
    yield f"由此改变的内容：{'、'.join(_CHANGED.get(word, word) for word in letter.changed)}。"
    yield "不再成立的限制已经终止，也不会因此次更正对您增加新的限制。"
    if letter.new is not None:
        yield f"新决定编号为{letter.new}，原决定一并保存。"
    yield "凡曾获知原决定的机构，我们都会逐一告知。"


def _recipient(letter: Told) -> Iterator[str]:
    yield f"贵方此前以编号{letter.about}获得的内容已不再有效。"
    if letter.kind == "listing void":
        yield "该条目系错误列入，自始无效。请撤销贵方据此采取的措施。"
    elif letter.kind == "listing removed":
        yield "该条目已经终止。请停止展示，并不再据此采取措施。"
    else:
        yield "请勿再据此行事。如仍有需要且仍获授权，请重新查询。"


__all__ = ["told"]
