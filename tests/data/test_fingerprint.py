"""The content hash is what its docstring says, computed here without it."""

import hashlib
import struct

import numpy as np

from veracity.data.fingerprint import combined_hash, content_hash


def column(*cells):
    return np.asarray(cells, dtype=np.int64)


def test_the_hash_is_over_a_line_of_json_and_the_little_endian_cells():
    line = b'{"columns":[["ts",2],["close",2]],"symbol":"A","version":1}\n'
    expected = hashlib.sha256(line + struct.pack("<4q", 1, 2, -3, 2**62)).hexdigest()
    assert content_hash({"symbol": "A"}, {"ts": column(1, 2), "close": column(-3, 2**62)}) == expected


def test_the_bytes_of_a_column_do_not_depend_on_how_it_lies_in_memory():
    cells = column(1, 9, 2, 9, 3, 9)
    assert content_hash({}, {"a": cells[::2]}) == content_hash({}, {"a": column(1, 2, 3)})
    assert content_hash({}, {"a": column(1, 2).astype(">i8")}) == content_hash({}, {"a": column(1, 2)})


def test_a_cell_in_another_column_is_another_content():
    assert content_hash({}, {"a": column(1, 2), "b": column(3)}) != content_hash(
        {}, {"a": column(1), "b": column(2, 3)}
    )
    assert content_hash({}, {"a": column(1)}) != content_hash({}, {"b": column(1)})


def test_the_order_of_instruments_does_not_count():
    assert combined_hash({"A": "1", "B": "2"}) == combined_hash({"B": "2", "A": "1"})
    assert combined_hash({"A": "1", "B": "2"}) != combined_hash({"A": "2", "B": "1"})
