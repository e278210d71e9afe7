from veracity.strategies.buy_and_hold import DONE, ENTRY, HOLD, Params, decide

PARAMS = Params(qty=5)


def test_it_asks_until_it_holds_and_then_remembers() -> None:
    assert decide(PARAMS, (100,), 0, ()) == (5, ENTRY, ())
    assert decide(PARAMS, (100,), 0, ()) == (5, ENTRY, ())  # refused: it asks again
    assert decide(PARAMS, (100,), 5, ()) == (5, HOLD, DONE)


def test_what_was_cut_or_closed_from_outside_is_not_topped_up() -> None:
    assert decide(PARAMS, (100,), 3, ()) == (3, HOLD, DONE)
    assert decide(PARAMS, (100,), 3, DONE) == (3, HOLD, DONE)
    assert decide(PARAMS, (100,), 0, DONE) == (0, HOLD, DONE)
