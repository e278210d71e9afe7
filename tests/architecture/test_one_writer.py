"""Only state/apply.py, with the books behind it, changes the engine's state."""

import ast

import pytest
from tests.architecture.sources import PRODUCT, files, imports, name_of, tree
from tests.architecture.state_writes import state_fields, state_writes
from tests.kit.players import PUPPET, player
from tests.kit.script import Script

from veracity.domain.errors import EngineFault
from veracity.guards.rulebook import Guard
from veracity.strategies.interface import Strategy

# Writer -> who may import it. `apply` is the one mutation site; the books hold what it does to one part of the state.
WRITERS = {
    "state/apply.py": None,
    "state/order_book.py": {"state/apply.py", "state/accounts.py"},
    "state/accounts.py": {"state/apply.py"},
    "state/regimes.py": {"state/apply.py"},
    "state/safety.py": {"state/apply.py", "state/accounts.py", "state/order_book.py"},
    "state/positions.py": {
        "state/accounts.py",
        "research/trades.py",
        "research/kernel/assembly.py",
        "research/kernel/books.py",
        "research/kernel/liquidation.py",
    },
}
# Who else may call `setattr`, and on what.
SETTERS = {
    "app/cli/options.py": "the command line's own settings",
    "state/storing.py": "how the classes of the state store a field; no state is in sight",
}
# The compiled loop's own records (research/kernel/records.py) have the names of the state's fields, and no state is in sight.
RECORDS = {
    f"research/kernel/{name}.py"
    for name in (
        "books",
        "borrow",
        "desk",
        "liquidation",
        "facts",
        "freshness",
        "loop",
        "worth",
        "reports",
        "venue",
    )
}
# Who else may import state/positions.py, and for what. No state may be in sight there.
BORROWERS = {
    "research/trades.py": "round trips are folded by the engine's own rule, in positions of their own",
    "research/kernel/assembly.py": "names what is compiled into its callers",
    "research/kernel/books.py": "compiled over records of its own",
    "research/kernel/liquidation.py": "compiled over records of its own",
}
MODEL = tree(PRODUCT / "state/model.py")
FIELDS = state_fields(MODEL)

# Sabotage of engine/exits.py, each a way to change what only `apply` may change.
SABOTAGE = (
    "account.cash = 0",
    "account.cash += 1",
    "draft.state.seq += 1",
    "draft.state.orders[order_id] = None",
    "del draft.state.orders[order_id]",
    "account.open_orders.append(order_id)",
    "draft.state.orders.pop(order_id)",
    "account.positions[symbol].qty = 0",
    "first, account.memo = 1, ()",
    "for account.fills in range(3): pass",
    "setattr(account, 'cash', 0)",
    "object.__setattr__(account, 'cash', 0)",
    "msgspec.structs.force_setattr(account, 'cash', 0)",
)


@pytest.mark.ticket("T-001")
def test_no_other_file_assigns_to_a_field_of_the_state() -> None:
    writes = {name_of(path): len(state_writes(tree(path), FIELDS)) for path in files()}
    assert {name for name, count in writes.items() if count} == {*WRITERS, *SETTERS, *RECORDS}
    assert min(writes[name] for name in WRITERS) > 3  # the scan sees what they do


def test_the_fields_that_count_are_those_of_the_state_structs() -> None:
    assert {
        "seq",
        "mode",
        "orders",
        "cash",
        "positions",
        "memo",
        "qty",
        "basis",
        "state",
        "filled",
        "last",
    } <= FIELDS
    assert "trade_id" not in FIELDS  # of the quarantined fill, which is frozen


@pytest.mark.parametrize("planted", SABOTAGE)
def test_a_write_that_is_planted_in_the_exits_is_found(planted: str) -> None:
    source = (PRODUCT / "engine/exits.py").read_text(encoding="utf-8")
    line = source.count("\n") + 3
    sabotaged = f"{source}\ndef leak(draft, account, order_id, symbol):\n    {planted}\n"
    assert state_writes(ast.parse(source), FIELDS) == []
    assert [write.line for write in state_writes(ast.parse(sabotaged), FIELDS)] == [line]


def test_a_struct_of_the_model_does_not_change_itself() -> None:
    methods = [node for node in ast.walk(MODEL) if isinstance(node, ast.FunctionDef)]
    stores = [
        ast.unparse(node)
        for method in methods
        for node in ast.walk(method)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del)
    ]
    assert methods
    assert stores == []


def test_only_apply_and_those_without_a_state_import_the_books() -> None:
    for book, allowed in WRITERS.items():
        module = f"veracity.{book.removesuffix('.py').replace('/', '.')}"
        importers = {name_of(path) for path in files() if module in imports(tree(path))}
        assert allowed is None or importers == allowed, book
    for borrower in BORROWERS:
        source = (PRODUCT / borrower).read_text(encoding="utf-8")
        assert "EngineState" not in source
        assert "Account" not in source


@pytest.mark.ticket("T-001")
def test_a_guard_that_sets_the_position_gets_an_error_and_the_state_stays() -> None:
    def meddle(intent, view, limits):  # type: ignore[no-untyped-def]
        view.position.qty = 5

    def replace(intent, view, limits):  # type: ignore[no-untyped-def]
        view.position = 5

    for check in (meddle, replace):
        script = Script(player("a"), guards=(Guard("meddler", "T-001", check),)).ticks(100_00)
        before = script.hash
        with pytest.raises(AttributeError):
            script.wants("a", 1_000)
        assert script.hash == before


@pytest.mark.ticket("T-001")
def test_a_strategy_that_sets_what_it_was_given_gets_an_error_and_the_state_stays() -> None:
    def meddle(params, row, position, memo):  # type: ignore[no-untyped-def]
        position.qty = 5

    def rewrite(params, row, position, memo):  # type: ignore[no-untyped-def]
        memo[0] = 5

    for decide, error in ((meddle, "AttributeError"), (rewrite, "TypeError")):
        strategy = Strategy("m", 1, ("x",), (), 1, PUPPET.bind, PUPPET.warmup, PUPPET.features, decide)
        script = Script(player("a", strategy=strategy)).ticks(100_00)
        before = script.hash
        with pytest.raises(EngineFault, match=f"strategy a failed in its decision: {error}"):
            script.wants("a", 1_000)
        assert script.hash == before
