"""The edits of generated source go by syntax, not by text."""

from veracity_gen import polish


def test_arrays_become_tuples_at_every_depth_with_their_defaults() -> None:
    assert (
        polish.immutable_arrays("a: list[list[int]] = [1, 2]\n")
        == "a: tuple[tuple[int, ...], ...] = (1, 2)\n"
    )
    assert polish.immutable_arrays("a: dict[str, list[int]] = []\n") == "a: dict[str, tuple[int, ...]] = ()\n"


def test_a_text_that_looks_like_an_array_stays() -> None:
    source = 'é: Annotated[list[int], "a list[int] of €"]\n'
    assert polish.immutable_arrays(source) == 'é: Annotated[tuple[int, ...], "a list[int] of €"]\n'


def test_a_struct_is_frozen_and_an_untagged_one_gets_its_tag() -> None:
    source = 'class A(Record, tag="a"):\n    x: int\nclass B(Record):\n    kind: Annotated[Literal["b"], "t"]\n    y: int\n'
    assert polish.frozen_and_tagged(source) == (
        'class A(Record, frozen=True, tag="a"):\n    x: int\n'
        'class B(Record, frozen=True, tag_field="kind", tag="b"):\n    \n    y: int\n'
    )


def test_an_alias_is_dropped_or_laid_bare() -> None:
    source = 'Common: TypeAlias = Annotated[Any, "x"]\nEvent: TypeAlias = Annotated[A | B, "t"]\n'
    assert polish.without_alias(source, "Common") == '\nEvent: TypeAlias = Annotated[A | B, "t"]\n'
    assert polish.plain_alias(source, "Event").endswith("Event: TypeAlias = A | B\n")
