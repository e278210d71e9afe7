"""Looking up a bar by time."""

from tests.kit.market import MINUTE, instrument
from tests.simulator.desk import candles, minute

from veracity.simulator.tape import Tape, TapeBar

ROWS = [(100, 103, 99, 102, 7), (110, 113, 109, 112, 8), (120, 123, 119, 122, 9)]


def test_a_bar_holds_its_open_and_not_its_end() -> None:
    tape = Tape(instrument(), candles(ROWS))
    second = TapeBar(minute(1), minute(2), 110, 113, 109, 112, 8)
    assert tape.bar_at(minute(1)) == second
    assert tape.bar_at(minute(2, -1)) == second
    before, after = tape.bar_at(minute(1, -1)), tape.bar_at(minute(2))
    assert before is not None
    assert before.open == 100
    assert after is not None
    assert after.open == 120


def test_in_a_gap_the_next_bar_answers() -> None:
    tape = Tape(instrument(), candles(ROWS, without=[1]))
    found = tape.bar_at(minute(1))
    assert found is not None
    assert (found.ts, found.open) == (minute(2), 120)
    assert tape.bar_at(minute(1, -1)) == TapeBar(minute(0), minute(1), 100, 103, 99, 102, 7)


def test_before_the_tape_the_first_bar_answers_and_after_it_none() -> None:
    tape = Tape(instrument(), candles(ROWS))
    first = tape.bar_at(minute(0, -MINUTE))
    assert first is not None
    assert first.ts == minute(0)
    assert tape.bar_at(minute(3, -1)) == tape.last()
    assert tape.bar_at(minute(3)) is None


def test_looking_back_after_looking_ahead_finds_the_earlier_bar() -> None:
    tape = Tape(instrument(), candles(ROWS))
    assert [tape.bar_at(minute(number)) for number in (2, 0, 1, 0)] == [tape.bar(n) for n in (2, 0, 1, 0)]
