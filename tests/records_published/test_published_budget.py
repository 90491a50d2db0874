"""The budget: counted in whole millionths, granted once, paid first, never overspent."""

import json
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinyong.errors import BudgetSpent, QuestionRefused
from xinyong.records.published_budget import (
    GRANTED,
    PAID,
    Account,
    BudgetEntry,
    MemoryPurse,
    enter,
    entering,
)

AT = 1_800_000_000_000_000


def grant(amount: int, scope: str = "town 2027") -> BudgetEntry:
    return BudgetEntry(scope, GRANTED, amount, "", "board", AT)


def pay(amount: int, asked: str = "q", scope: str = "town 2027") -> BudgetEntry:
    return BudgetEntry(scope, PAID, amount, asked, "statistics", AT)


class CarelessPurse(MemoryPurse):
    """A wrong purse: it does not look whether anything came in between."""

    def append(self, entry: BudgetEntry, *, after: int) -> bool:
        return super().append(entry, after=len(self.entries(entry.scope)))


def interleaved(purse: MemoryPurse, amounts: Sequence[int], turns: Sequence[int]) -> None:
    """Payers who each read and append in steps; ``turns`` says whose step is next."""
    payers: list[Generator[str, None, Account]] = [
        entering(purse, pay(amount, f"q{i}")) for i, amount in enumerate(amounts)
    ]
    for turn in [*turns, *(i for i in range(len(payers)) for _ in range(9))]:
        if payers:
            payer = payers[turn % len(payers)]
            try:
                next(payer)
            except (StopIteration, BudgetSpent):
                payers.remove(payer)
    for payer in payers:
        with pytest.raises((StopIteration, BudgetSpent)):
            while True:
                next(payer)


def paid(purse: MemoryPurse) -> int:
    return sum(e.amount for e in purse.entries("town 2027") if e.what == PAID)


@given(
    st.integers(1, 3_000_000),
    st.lists(st.integers(1, 2_000_000), min_size=1, max_size=8),
    st.lists(st.integers(0, 7), max_size=80),
)
def test_no_interleaving_overspends(granted: int, amounts: list[int], turns: list[int]) -> None:
    purse = MemoryPurse()
    enter(purse, grant(granted))
    interleaved(purse, amounts, turns)
    assert paid(purse) <= granted
    # Nobody is turned away for nothing: what is left is less than the least that was refused.
    refused = [
        a for i, a in enumerate(amounts) if pay(a, f"q{i}") not in purse.entries("town 2027")
    ]
    assert all(amount > granted - paid(purse) for amount in refused)
    account = Account("town 2027", tuple(purse.entries("town 2027")))
    assert (account.granted, account.paid, account.left) == (
        granted,
        paid(purse),
        granted - paid(purse),
    )


def test_the_same_interleaving_overspends_from_a_careless_purse() -> None:
    purse = CarelessPurse()
    enter(purse, grant(1_000_000))
    interleaved(purse, [600_000] * 3, [0, 1, 2] * 3)
    assert paid(purse) == 1_800_000 > 1_000_000
    careful = MemoryPurse()
    enter(careful, grant(1_000_000))
    interleaved(careful, [600_000] * 3, [0, 1, 2] * 3)
    assert paid(careful) == 600_000


def test_threads_do_not_overspend() -> None:
    purse = MemoryPurse()
    enter(purse, grant(1_000_000))

    def one(i: int) -> bool:
        try:
            enter(purse, pay(30_000, f"q{i}"))
        except BudgetSpent:
            return False
        return True

    with ThreadPoolExecutor(32) as pool:
        done = list(pool.map(one, range(100)))
    assert sum(done) == 33 and paid(purse) == 990_000


def test_the_last_millionth_can_be_paid_and_not_one_more() -> None:
    purse = MemoryPurse()
    enter(purse, grant(3))
    assert enter(purse, pay(2)).left == 1
    assert enter(purse, pay(1)).left == 0
    with pytest.raises(BudgetSpent, match="0 are left") as caught:
        enter(purse, pay(1))
    assert caught.value.why and caught.value.mend
    assert isinstance(caught.value, QuestionRefused)


def test_a_grant_stands_first_and_once() -> None:
    purse = MemoryPurse()
    with pytest.raises(BudgetSpent):
        enter(purse, pay(1))
    enter(purse, grant(10))
    enter(purse, pay(5))
    with pytest.raises(QuestionRefused, match="does not belong"):
        enter(purse, grant(10_000_000))
    with pytest.raises(QuestionRefused, match="does not belong"):
        Account("town 2027").after(grant(5, "town 2028"))
    assert enter(purse, grant(7, "town 2028")).left == 7


def test_entries_survive_the_ledger_and_a_changed_one_is_refused() -> None:
    for entry in (grant(9), pay(4)):
        told = json.loads(json.dumps(entry.to_json()))
        assert BudgetEntry.from_json(told) == entry
        with pytest.raises(QuestionRefused, match="changed"):
            BudgetEntry.from_json(told | {"amount": entry.amount - 1})


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 0},
        {"amount": 10_000_001},
        {"amount": 1.5},
        {"amount": True},
        {"what": "lent"},
        {"question": ""},
        {"what": GRANTED},
        {"scope": " "},
        {"by": ""},
        {"at": 1.0},
    ],
)
def test_an_entry_that_does_not_fit_is_refused(wrong: dict[str, object]) -> None:
    whole = {"scope": "s", "what": PAID, "amount": 5, "question": "q", "by": "b", "at": AT}
    BudgetEntry(**whole)  # type: ignore[arg-type]
    with pytest.raises(QuestionRefused, match="budget entry"):
        BudgetEntry(**(whole | wrong))  # type: ignore[arg-type]
