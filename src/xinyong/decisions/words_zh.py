"""中文信函（简体）。每个函数写一段；没有的内容就不写。

方案自己的文句如果没有中文译文，就照原文引用，并注明“原文”。
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from xinyong.charter.words import Place
from xinyong.decisions.consequence import Consequence
from xinyong.decisions.notice import Notice, Would
from xinyong.decisions.sentences_zh import value_zh

Wording = Mapping[str, str]

PLACES: Final[Mapping[Place, str]] = {"cn": "中国", "eu": "欧盟", "us": "美国"}
_VALUES: Final = {"off": "未列入", "warned": "已预告", "listed": "已列入", "ended": "已期满"}
_SHOWS: Final = {"score": "评分", "reasons": "理由", "record": "记录", "readers": "查询者"}
_TITLES: Final = {"score": "评分", "band": "等级"}


def decision(notice: Notice, wording: Wording) -> str:
    """关于一项决定的通知书。"""
    parts = [
        _head(notice, wording),
        _follows(notice, wording),
        _why(notice, wording),
        _would(notice, wording),
        _see(notice, wording),
        _object(notice, wording),
        _foot(notice, wording),
    ]
    told = [list(part) for part in parts]
    numbers = iter("一二三四五六")
    for part in told[1:-1]:
        if part:
            part[0] = f"{next(numbers)}、{part[0]}"
    return "\n\n".join("\n".join(part) for part in told if part) + "\n"


def quoted(text: str, wording: Wording) -> str:
    """方案的文句：有译文用译文，没有译文引原文。"""
    if text in wording:
        return f"“{wording[text]}”"
    return f"“{text}”" if _chinese(text) else f"“{text}”（原文）"


def ground(text: str, wording: Wording) -> str:
    """一项条件：「」中的标题和词语换成中文译文。"""
    return re.sub("「(.+?)」", lambda found: quoted(found[1], wording), text)


def _chinese(text: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)


def day(when: date) -> str:
    """日期：2026年11月22日。"""
    return f"{when.year}年{when.month}月{when.day}日"


def _head(notice: Notice, wording: Wording) -> Iterator[str]:
    yield f"{wording.get(notice.operator, notice.operator)}"
    yield f"通知书编号：{notice.id}　　决定编号：{notice.decision}"
    yield f"日期：{day(notice.given)}"
    yield f"收件人：{notice.subject}"
    yield ""
    yield f"评分方案：{quoted(notice.title, wording)}"
    band = quoted(notice.band_title, wording)
    yield f"您在{day(notice.scored)}的评分为{notice.score}分，等级为{band}。"
    if notice.replaces is not None:
        yield f"有一项记录已经更正，本决定取代编号为{notice.replaces}的决定。"


def _follows(notice: Notice, wording: Wording) -> Iterator[str]:
    yield "决定的内容"
    for one in notice.follows:
        kind = "优惠" if one.kind == "benefit" else "限制"
        yield f"·{kind}（{one.id}）：{quoted(one.effect, wording)}。{_days(one)}"
        if one.kind == "burden":
            yield from _burden(one, wording)
    if not notice.follows:
        yield "本次评分不产生任何后果。"
    if notice.burdens:
        if notice.decided_by_person:
            yield "以上限制由工作人员审核后作出，并非仅凭评分自动决定。"
        else:
            yield "以上限制由系统自动作出。您可以要求由工作人员重新审核。"


def _days(one: Consequence) -> str:
    if one.start is None or one.end is None:
        return ""
    return f"自{day(one.start)}起生效，最迟于{day(one.end)}终止。"


def _burden(one: Consequence, wording: Wording) -> Iterator[str]:
    if one.ends is not None:
        yield f"　如下列情形先出现，则提前终止：{quoted(one.ends, wording)}。"
    if one.decided is not None:
        yield f"　决定方式：{quoted(one.decided, wording)}。"


def _why(notice: Notice, wording: Wording) -> Iterator[str]:
    if not notice.burdens:
        return
    yield "理由"
    for one in notice.burdens:
        met = "；".join(_held(held.name, held.title, held.value, wording) for held in one.held)
        yield f"限制{one.id}的适用条件：{ground(one.ground_zh, wording)}。"
        yield f"您的情况：{met}。"
    if notice.reasons:
        yield "降低评分的原因如下，按影响从大到小排列："
    for number, reason in enumerate(notice.reasons, 1):
        lost = f"，失{reason.lost}分" if reason.lost else ""
        yield f"{number}. {quoted(reason.says, wording)}（规则{reason.rule}{lost}）"


def _held(name: str, title: str, value: str, wording: Wording) -> str:
    said = _TITLES.get(name) or quoted(title, wording)
    if value == "unknown":
        return f"{said}未知"
    return f"{said}为{quoted(value, wording) if name == 'band' else _value(value, wording)}"


def _value(value: str, wording: Wording) -> str:
    return wording[value] if value in wording else _VALUES.get(value) or value_zh(value)


def _would(notice: Notice, wording: Wording) -> Iterator[str]:
    if not notice.would:
        return
    yield "哪些变化会改变结果"
    for one in notice.would:
        yield f"·{_change(one, wording)}"
    yield "以上各项均为单独变化时重新计算的结果，前提是其他情况不变，不构成承诺。"


def _change(one: Would, wording: Wording) -> str:
    band = quoted(one.band, wording)
    after = f"评分将为{one.score}分，等级为{band}"
    if one.title is not None and one.value is not None:
        return f"如果{quoted(one.title, wording)}为{_value(one.value, wording)}，{after}。"
    if one.form == "time" and one.day is not None:
        return f"如果没有新的记录，到{day(one.day)}，{after}。"
    if one.form == "edge":
        return f"达到{one.score}分即进入等级{band}。"
    if one.without is not None:
        return f"如果没有编号为{one.without}的记录，{after}。"
    return f"如果再有一项与{one.again}相同的记录，{after}。"


def _see(notice: Notice, wording: Wording) -> Iterator[str]:
    yield "如何查看您的记录"
    shown = "、".join(_SHOWS.get(word) or quoted(word, wording) for word in notice.shows)
    what = f"，包括{shown}" if shown else ""
    where = wording.get(notice.see, notice.see)
    yield f"您可以查看我们持有的与您有关的信息{what}。查看方式：{where}"
    if notice.free is not None:
        said = "随时免费" if notice.free == "always" else quoted(notice.free, wording)
        yield f"费用：{said}。"
    if notice.copies is not None:
        yield f"每年可以索取{notice.copies}份副本。"


def _object(notice: Notice, wording: Wording) -> Iterator[str]:
    yield "如何提出异议"
    to = wording.get(notice.object_to, notice.object_to)
    yield f"如果某项记录有误，您可以随时提出异议。受理方：{to}"
    yield "自您提出异议之时起，该项记录不再计入评分，以该项记录为依据的限制一律暂停。"
    mark = f"我们将于{day(notice.marked_by)}前（含当日）作出异议标注，" if notice.marked_by else ""
    yield (
        f"如果您在{day(notice.given)}提出，{mark}"
        f"并于{day(notice.answered_by)}前（含当日）书面答复并说明理由。"
    )
    for way in notice.ways:
        yield (
            f"如果对限制{way.consequence}本身不服，您可以在{day(way.until)}前（含当日）"
            f"向{quoted(way.to, wording)}申请复核。"
        )
    if notice.statement:
        yield "您可以在记录中附上本人声明，该声明将与记录一并显示。"
    if notice.repair is not None:
        yield f"出现下列情形时，记录也会撤下：{quoted(notice.repair, wording)}。"
    if notice.wrongful is not None:
        yield f"如果决定有误：{quoted(notice.wrongful, wording)}。"


def _foot(notice: Notice, wording: Wording) -> Iterator[str]:
    yield f"联系方式：{wording.get(notice.contact, notice.contact)}"
    yield (
        f"方案：{notice.scheme} {notice.version}，摘要{notice.digest[:16]}。"
        f"日期以{notice.zone}时区为准，工作日以{PLACES[notice.place]}日历为准。"
    )


__all__ = ["PLACES", "day", "decision", "ground", "quoted"]
