"""What is hidden stays hidden: an outsider with every total cannot bring it back."""

from hypothesis import example, given, settings
from hypothesis import strategies as st
from published_harness import known, ranges

from xinyong.records.published_hiding import LEAST, Shown, Table, hidden, with_totals

NUMBERS = st.one_of(st.integers(0, 12), st.integers(0, 400), st.just(0))
TABLES = st.integers(1, 5).flatmap(
    lambda width: st.lists(
        st.lists(NUMBERS, min_size=width, max_size=width).map(tuple), min_size=1, max_size=5
    ).map(tuple)
)


def small_alone(table: Table) -> Shown:
    """A wrong policy: hide what is small and nothing else."""
    return tuple(tuple(n if n >= LEAST else None for n in row) for row in with_totals(table))


@given(TABLES)
@settings(max_examples=80)
@example(((0,),))
@example(((50,),))
@example(((3, 50), (50, 50)))
@example(((9, 0), (0, 0)))
@example(((0, 0, 100), (0, 0, 100), (100, 100, 0)))
def test_no_hidden_number_can_be_got_back(table: Table) -> None:
    shown = hidden(table)
    whole = with_totals(table)
    assert known(shown, LEAST) == []
    for row, true in zip(shown, whole, strict=True):
        for number, was in zip(row, true, strict=True):
            assert number in (None, was)
            assert number is None or number >= LEAST


@given(TABLES)
@settings(max_examples=30)
def test_the_outsider_is_right_about_what_can_be(table: Table) -> None:
    """The audit itself: the true number always lies in the range it gives."""
    whole = with_totals(table)
    for shown in (hidden(table), small_alone(table)):
        for (i, j), (low, high) in ranges(shown).items():
            assert low - 1e-6 <= whole[i][j] <= high + 1e-6


@given(TABLES)
def test_where_all_is_large_nothing_is_hidden(table: Table) -> None:
    raised = tuple(tuple(n + LEAST for n in row) for row in table)
    assert hidden(raised) == with_totals(raised)


def test_hiding_small_numbers_alone_is_caught() -> None:
    table = ((3, 50, 60), (40, 50, 60), (40, 50, 60))
    assert (0, 0) in known(small_alone(table), LEAST)
    assert known(hidden(table), LEAST) == []
    # Two in one row, and nothing below nought: 0 + 0 can only be 0 and 0.
    table = ((0, 0, 60), (0, 0, 60), (40, 50, 60))
    assert known(small_alone(table), LEAST)
    assert known(hidden(table), LEAST) == []


def test_by_hand_the_cheapest_rectangle_goes() -> None:
    """3 is small; hidden with it are the smallest that close a way round: 40, 11 and 12."""
    shown = hidden(((3, 40, 90), (11, 12, 90), (70, 80, 90)))
    assert shown == (
        (None, None, 90, 133),
        (None, None, 90, 113),
        (70, 80, 90, 240),
        (84, 132, 270, 486),
    )


def test_a_single_column_loses_a_second_number() -> None:
    shown = hidden(((4,), (15,), (200,)))
    assert shown == ((None, None), (None, None), (200, 200), (219, 219))


@given(TABLES)
def test_three_go_with_one(table: Table) -> None:
    """Of a table of large numbers with one small one, a rectangle is hidden and no more."""
    raised = [[n + LEAST for n in row] for row in table]
    raised[0][0] = 1
    shown = hidden(tuple(tuple(row) for row in raised))
    assert sum(n is None for row in shown for n in row) == 4
