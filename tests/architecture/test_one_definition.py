"""What an order, a position or a fill is, stands in one place."""

import ast
import json
from collections import defaultdict
from pathlib import Path

from tests.architecture.sources import PRODUCT, ROOT, files, tree

RECORDS = ("Account", "Position", "Order", "Instrument", "Bars")
STRUCTS = ("Struct", "NamedTuple")


def classes() -> list[tuple[Path, ast.ClassDef]]:
    return [
        (path, node)
        for path in files(PRODUCT)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
    ]


def is_struct(node: ast.ClassDef) -> bool:
    return any(ast.unparse(base).rpartition(".")[2] in STRUCTS for base in node.bases)


def test_each_record_is_defined_by_hand_in_one_module() -> None:
    found = defaultdict(list)
    for path, node in classes():
        found[node.name].append(path.relative_to(PRODUCT).as_posix())
    assert {name: found[name] for name in RECORDS} == {
        "Account": ["state/model.py"],
        "Position": ["state/model.py"],
        "Order": ["state/model.py"],
        "Instrument": ["domain/instruments.py"],
        "Bars": ["domain/market.py"],
    }


def test_what_is_wanted_and_what_traded_is_defined_by_schemas_alone() -> None:
    by_hand = {node.name for _, node in classes()}
    for name in ("intent_created", "order_filled"):
        schema = json.loads((ROOT / f"schemas/events/{name}.schema.json").read_text(encoding="utf-8"))
        assert schema["title"] not in by_hand
    assert {"Fill", "Intent"} & by_hand == set()


def test_no_struct_has_the_fields_of_another_under_a_second_name() -> None:
    """Fields of the same names and types, three or more: two of a kind."""
    twins = defaultdict(list)
    for path, node in classes():
        fields = frozenset(
            (item.target.id, ast.unparse(item.annotation))
            for item in node.body
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
        )
        if is_struct(node) and len(fields) >= 3:
            twins[fields].append(f"{path.relative_to(PRODUCT).as_posix()}:{node.name}")
    assert len(twins) > 50
    assert [sorted(names) for names in twins.values() if len(names) > 1] == []
