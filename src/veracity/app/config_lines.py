"""In which line of a TOML text each key and table stands: `tomllib` reads values and forgets where they were.

The text must be one that `tomllib` accepts; what is not about places (escapes, numbers, dates) is left to it.
A path is the keys from the top; an element of an array has its index: ("strategies", 0, "params", "fast").
"""

import tomllib
from bisect import bisect_right
from typing import Final, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

BARE_END: Final = frozenset("\t\n #,]}")
BLANK: Final = " \t"
KEY_END: Final = frozenset(" \t.=]")
QUOTES: Final = ('"""', "'''", '"', "'")  # longest first


def line_index(text: str) -> dict[Path, int]:
    """Line, counted from 1, of every key, table and array element; a table's is that of its first header."""
    return _Scanner(text.replace("\r\n", "\n")).scan()


def path_text(path: Path) -> str:
    """A path for people: strategies[0].params.fast."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


class _Scanner:
    """One pass over the text; `at` is the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Path, int] = {}
        self.lengths: dict[Path, int] = {}  # arrays of tables, elements so far
        self._line_starts = [0, *(index + 1 for index, char in enumerate(text) if char == "\n")]

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        while self._skip("\n" + BLANK):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
        return self.lines

    def _header(self) -> Path:
        """`[a.b]` or `[[a.b]]`: where the following keys belong."""
        line = self._line()
        is_array = self.text.startswith("[[", self.at)
        self.at += 2 if is_array else 1
        *parents, last = self._keys()
        self.at += 2 if is_array else 1
        path: Path = ()
        for name in parents:
            path = self._inside((*path, name), line)
        path = (*path, last)
        if not is_array:
            return self._inside(path, line)
        number = self.lengths.get(path, 0)
        self.lengths[path] = number + 1
        self.lines.setdefault(path, line)
        self.lines[*path, number] = line
        return (*path, number)

    def _inside(self, path: Path, line: int) -> Path:
        """The table at `path`; the last element where it is an array of tables."""
        self.lines.setdefault(path, line)
        return (*path, self.lengths[path] - 1) if path in self.lengths else path

    def _pair(self, table: Path) -> None:
        """`a.b = value`."""
        line = self._line()
        path = table
        for name in self._keys():
            path = (*path, name)
            self.lines.setdefault(path, line)
        self.at += 1  # =
        self._skip(BLANK)
        self._value(path)

    def _keys(self) -> list[str]:
        """Dotted keys up to the `=` or `]` after them."""
        names = []
        while True:
            self._skip(BLANK)
            names.append(self._key())
            self._skip(BLANK)
            if self.text[self.at] != ".":
                return names
            self.at += 1

    def _key(self) -> str:
        start = self.at
        if self.text[start] in "\"'":
            self._string(self.text[start])
            return str(tomllib.loads(f"key = {self.text[start : self.at]}")["key"])
        while self.text[self.at] not in KEY_END:
            self.at += 1
        return self.text[start : self.at]

    def _value(self, path: Path) -> None:
        quote = next((quote for quote in QUOTES if self.text.startswith(quote, self.at)), None)
        if quote is not None:
            self._string(quote)
        elif self.text[self.at] == "[":
            self._array(path)
        elif self.text[self.at] == "{":
            self._inline_table(path)
        else:
            self._bare()

    def _string(self, quote: str) -> None:
        self.at += len(quote)
        while not self.text.startswith(quote, self.at):
            self.at += 2 if self.text[self.at] == "\\" and quote[0] == '"' else 1
        self.at += len(quote)
        while len(quote) == 3 and self.text.startswith(quote[0], self.at):
            self.at += 1  # up to two quotes may stand right before the closing three

    def _array(self, path: Path) -> None:
        self.at += 1
        number = 0
        while self._skip("\n," + BLANK) and self.text[self.at] != "]":
            self.lines[*path, number] = self._line()
            self._value((*path, number))
            number += 1
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        while self._skip("\n," + BLANK) and self.text[self.at] != "}":
            self._pair(path)
        self.at += 1

    def _bare(self) -> None:
        """A number, a boolean or a date; a date and its time may be parted by one space."""
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in BARE_END:
            self.at += 1
        if self.text[start : self.at].count("-") == 2 and self.text[self.at + 1 : self.at + 2].isdigit():
            self.at += 1
            self._bare()

    def _skip(self, blanks: str) -> bool:
        """Pass blanks, and comments where a line may end; whether there is more."""
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "#" and "\n" in blanks:
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif char in blanks:
                self.at += 1
            else:
                return True
        return False

    def _line(self) -> int:
        return bisect_right(self._line_starts, self.at)
