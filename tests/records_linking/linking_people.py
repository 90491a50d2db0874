"""People who do not exist, as two sources write them down: names as common as in China, and slips.

Names follow two published facts (docs/linking.md): how common the surnames are, and how common the
given names, so that two people drawn at random share their whole name about as often as there.
Nobody is hit by chance: all are born between 2130 and 2189, so no number is anybody's, and phones
begin with 100, which no mobile does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from xinyong.records.linking.identifiers import (
    PERSON,
    RESIDENT,
    identifier,
    resident_check_digit,
)
from xinyong.records.linking.record import Record, Ref

SURNAMES = "王李张刘陈杨黄赵吴周徐孙朱马胡郭何高罗林"
# Per million, rounded: Ministry's register 1930-2008 as printed by Bao (ChineseNames).
SURNAME_PPM = [
    *(74_862, 73_703, 70_329, 53_056, 45_548, 33_688, 23_483, 21_113, 19_990, 19_626),
    *(14_972, 14_554, 13_210, 13_077, 12_035, 11_500, 10_737, 10_429, 9_862, 9_824),
]
RARER = [chr(0x5F20 + i) for i in range(400)]
CHARACTERS = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂红玉华文建国海波宁鹏飞宇浩轩梓涵欣怡雨晨"
    "佳琪雪梅玲燕云莉凤琴珍春花荣志新永健俊峰辉斌成龙林东旭阳晓婷慧颖莹瑶倩思雅诗子博瑞安康乐"
    + "".join(chr(0x6E00 + i) for i in range(224))
)
TOWNS = (
    "110101 310101 320102 330102 370102 410102 420102 430102 440103 500103 510104 610102".split()
)
GIVEN_FALL, GIVEN_SHIFT = 0.85, 20


def surname_shares() -> tuple[list[str], np.ndarray]:
    """Surnames and their shares: twenty as published, the rest over rarer ones, falling."""
    tail = 1 / np.arange(30, 30 + len(RARER))
    rest = 1_000_000 - sum(SURNAME_PPM)
    shares = np.concatenate((SURNAME_PPM, tail / tail.sum() * rest)) / 1_000_000
    return [*SURNAMES, *RARER], shares


def given_shares() -> tuple[list[str], np.ndarray]:
    """Given names of one and two characters, and their shares, falling with a power of the rank."""
    singles = list(CHARACTERS)
    pairs = [a + b for a in CHARACTERS for b in CHARACTERS if a != b]
    order = np.random.default_rng(14).permutation(len(pairs))
    names = singles[:40] + [pairs[i] for i in order]
    ranks = np.arange(1, len(names) + 1)
    shares = 1 / (ranks + GIVEN_SHIFT) ** GIVEN_FALL
    return names, shares / shares.sum()


@dataclass(frozen=True)
class Person:
    """One who does not exist. ``number`` is a well-formed resident's number."""

    who: int
    name: str
    born: date
    town: str
    phone: str
    number: str


@dataclass(frozen=True)
class Slips:
    """How often, in a hundred, a source gets a field wrong, or lacks it."""

    name: int = 3
    born: int = 3
    born_absent: int = 10
    phone_other: int = 20
    phone_absent: int = 15
    moved: int = 10
    number_absent: int = 60
    number_slip: int = 3


class Names:
    """Draws whole names."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.surnames, self.surname_p = surname_shares()
        self.given, self.given_p = given_shares()

    def draw(self, size: int, *, as_among_namesakes: bool = False) -> list[str]:
        """Names as among people; or as among pairs of namesakes, where common ones are commoner."""
        power = 2 if as_among_namesakes else 1
        parts = []
        for words, shares in ((self.surnames, self.surname_p), (self.given, self.given_p)):
            p = shares**power
            parts.append([words[i] for i in self.rng.choice(len(words), size, p=p / p.sum())])
        return [a + b for a, b in zip(*parts, strict=True)]


def number(town: str, born: date, sequence: int) -> str:
    """A resident's number with its check digit; ``sequence`` is 1 to 999."""
    stem = f"{town}{born:%Y%m%d}{sequence:03d}"
    return stem + resident_check_digit(stem)


def a_day(rng: np.random.Generator, year: int) -> date:
    return date(year, 1, 1) + timedelta(days=int(rng.integers(365)))


def a_phone(rng: np.random.Generator) -> str:
    return f"100{int(rng.integers(10**8)):08d}"


def a_crowd(rng: np.random.Generator, size: int) -> list[Person]:
    """People of all towns and years, named as people are; a few share a phone, or are twins."""
    people: list[Person] = []
    for who, name in enumerate(Names(rng).draw(size)):
        born, town = a_day(rng, int(rng.integers(2130, 2190))), str(rng.choice(TOWNS))
        phone = a_phone(rng)
        if people and rng.random() < 0.03:
            phone = people[int(rng.integers(len(people)))].phone  # given to somebody else by now
        sequence = int(rng.integers(1, 1000))
        if people and rng.random() < 0.01:
            other = people[-1]
            born, town, phone = other.born, other.town, other.phone
            name = other.name[:-1] + name[-1]
            sequence = int(other.number[14:17]) % 999 + 1
        people.append(Person(who, name, born, town, phone, number(town, born, sequence)))
    return people


def namesakes(rng: np.random.Generator, groups: int, size: int) -> list[Person]:
    """Groups of people of one name, one town and one year of birth.

    In each group a fifth has a birthday in common, a sixth a phone, and the last two are twins
    whose names differ in one character until somebody mistypes it.
    """
    people: list[Person] = []
    for name in Names(rng).draw(groups, as_among_namesakes=True):
        town, year = str(rng.choice(TOWNS)), int(rng.integers(2130, 2190))
        shared_day, shared_phone = a_day(rng, year), a_phone(rng)
        sequences = rng.permutation(998)[:size] + 1
        group = []
        for sequence in sequences:
            born = shared_day if rng.random() < 0.2 else a_day(rng, year)
            phone = shared_phone if rng.random() < 1 / 6 else a_phone(rng)
            who = len(people) + len(group)
            group.append(Person(who, name, born, town, phone, number(town, born, int(sequence))))
        one, twin = group[-2:]
        seq = int(one.number[14:17]) + 1
        group[-1] = replace(
            twin,
            name=name[:-1] + ("伟" if name[-1] != "伟" else "强"),
            born=one.born,
            phone=one.phone,
            number=number(town, one.born, seq),
        )
        people += group
    return people


def mistyped(rng: np.random.Generator, text: str, letters: str) -> str:
    """The text with one character wrong, lost, or changed over with its neighbour."""
    place = int(rng.integers(len(text)))
    way = rng.random()
    if way < 0.6:
        return text[:place] + str(rng.choice(list(letters))) + text[place + 1 :]
    if way < 0.8 and len(text) > 2:
        return text[:place] + text[place + 1 :]
    place = min(place, len(text) - 2)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def wrong_day(rng: np.random.Generator, born: date) -> date:
    """Another day in the calendar, one digit or two neighbours away, or day and month changed."""
    for _ in range(50):
        text = mistyped(rng, f"{born:%Y%m%d}", "0123456789")
        if rng.random() < 0.3:
            text = f"{born:%Y%d%m}"
        try:
            found = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
        except ValueError:
            continue
        if len(text) == 8 and found != born and 2100 <= found.year <= 2199:
            return found
    return born


def written_down(
    rng: np.random.Generator, source: str, people: Sequence[Person], slips: Slips
) -> list[Record]:
    """What a source says of these people; the id of a record is the person's number in our town."""
    records = []
    for person in people:
        dice = rng.random(8) * 100
        name = person.name
        if dice[0] < slips.name:
            name = name[0] + mistyped(rng, name[1:], CHARACTERS) if len(name) > 2 else name
        born: date | None = person.born
        if dice[1] < slips.born_absent:
            born = None
        elif dice[2] < slips.born:
            born = wrong_day(rng, person.born)
        phone = person.phone
        if dice[3] < slips.phone_absent:
            phone = ""
        elif dice[4] < slips.phone_other:
            phone = a_phone(rng)
        town = str(rng.choice(TOWNS)) if dice[5] < slips.moved else person.town
        text = person.number
        if dice[7] < slips.number_slip:
            text = mistyped(rng, text, "0123456789")
        found = None if dice[6] < slips.number_absent else identifier(RESIDENT, text)
        numbers = (found,) if found else ()
        ref = Ref(source, str(person.who))
        records.append(Record(ref, PERSON, name, numbers, born, town, phone))
    return records


def borrowed(
    rng: np.random.Generator, records: Sequence[Record], people: Sequence[Person], size: int
) -> list[Record]:
    """The records, some with the number of a namesake: somebody looked it up by name.

    ``people`` stand in groups of ``size``. One record in thirty is given the number of another of
    its group, together with its own birth date or none; and of twins, the last two of a group, one
    in ten that of the other. Those who share name and birthday with the other are left alone: their
    record would say nothing about them at all.
    """
    out = list(records)
    for i, record in enumerate(records):
        other, often = people[i // size * size + int(rng.integers(size))], 1 / 30
        if i % size == size - 1 and rng.random() < 0.5:
            other, often = people[i - 1], 1 / 5
        same = (other.name, other.born) == (people[i].name, people[i].born)
        if rng.random() < often and not same:
            born = people[i].born if rng.random() < 0.8 else None
            numbers = tuple(n for n in [identifier(RESIDENT, other.number)] if n)
            out[i] = replace(record, identifiers=numbers, born=born)
    return out
