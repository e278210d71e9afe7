"""Draws and streams."""

from veracity.simulator.chance import draw, draws, stream


def test_the_draws_are_those_of_splitmix64() -> None:
    # The first outputs for the seeds 0 and 1234567 as Vigna's splitmix64.c prints them.
    assert [draw(0, number) for number in range(3)] == [
        0xE220A8397B1DCDAF,
        0x6E789E6AA1B965F4,
        0x06C45D188009454F,
    ]
    assert [draw(1234567, number) for number in range(2)] == [6457827717110365317, 3203168211198807973]


def test_a_draw_does_not_depend_on_the_draws_before_it() -> None:
    in_order = [draw(7, number) for number in range(50)]
    assert [draw(7, number) for number in reversed(range(50))] == in_order[::-1]


def test_each_name_has_a_stream_of_its_own() -> None:
    seeds = {stream(seed, name) for seed in (1, 2) for name in ("a", "b", "")}
    assert len(seeds) == 6
    assert all(0 <= seed < 2**64 for seed in seeds)
    # `printf a | sha256sum` begins with ca978112ca1bbdca: the draw of that number.
    assert stream(1, "a") == draw(1, 0xCA978112CA1BBDCA)


def test_many_draws_at_once_are_the_same_draws() -> None:
    for seed in (0, 1234567, 2**63, 2**64 - 1):
        assert draws(seed, 300).tolist() == [draw(seed, number) for number in range(300)]
    assert draws(7, 0).tolist() == []
