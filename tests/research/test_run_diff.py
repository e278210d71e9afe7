"""Pairs of trades and what they point to."""

import pytest

from veracity.research.run_diff import Row, pair

KEY = ("a", "BTCUSDT", "long")


def row(entry: int, net: int = 5, *, key: tuple[str, str, str] = KEY, **changes: object) -> Row:
    money = {
        "entry_price": 10,
        "exit_price": 20,
        "qty": 1,
        "realized": 6,
        "fees": 1,
        "funding": 0,
        "net": net,
    }
    found = Row(key, entry, entry + 9, money, ("in", "out"))
    stamps = {name: changes.pop(name) for name in ("exit_ts", "reasons") if name in changes}
    return found._replace(money=money | changes, **stamps)


def test_equal_trades_are_counted_and_not_listed() -> None:
    assert pair([row(1), row(2)], [row(1), row(2)]) == (2, [])


@pytest.mark.parametrize(
    ("changes", "cause", "fields"),
    [
        ({"fees": 3, "net": 3}, "fees", ("fees",)),
        ({"funding": 2, "net": 7}, "funding", ("funding",)),
        ({"entry_price": 11, "realized": 5, "net": 4}, "prices", ("entry_price", "realized")),
        ({"exit_ts": 11, "exit_price": 19}, "timing", ("exit_price", "exit_ts")),
        ({"reasons": ("in", "other")}, "decisions", ("reasons",)),
    ],
)
def test_a_pair_says_which_fields_differ_and_what_they_point_to(
    changes: dict[str, object], cause: str, fields: tuple[str, ...]
) -> None:
    same, (found,) = pair([row(1)], [row(1, **changes)])
    assert (same, found.kind, found.cause, found.fields) == (0, "changed", cause, fields)


def test_a_trade_that_was_filled_later_stays_a_pair_and_one_that_is_alone_does_not() -> None:
    same, found = pair([row(1), row(20), row(40)], [row(1), row(23), row(40), row(60)])
    assert same == 2
    assert [(one.kind, one.cause) for one in found] == [("changed", "timing"), ("only_second", "decisions")]


def test_the_money_of_the_rows_adds_up_to_the_difference_of_the_nets() -> None:
    first = [row(1, 5), row(20, 7), row(30, -2)]
    second = [row(1, 4), row(30, -2), row(50, 11)]
    _, found = pair(first, second)
    assert sum(one.change for one in found) == sum(one.net for one in second) - sum(one.net for one in first)


def test_strategies_and_sides_are_not_paired_with_each_other() -> None:
    _, found = pair([row(1)], [row(1, key=("b", "BTCUSDT", "long"))])
    assert sorted(one.kind for one in found) == ["only_first", "only_second"]
