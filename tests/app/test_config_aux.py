"""The tables of series beside the bars: what they may say, and what they become (specs/data/aux.md, S-132)."""

from pathlib import Path

import pytest
from tests.app.configs import GOOD, INSTRUMENT, STRATEGY, changed, loaded, only, refused, told, write

from veracity.app.config import load
from veracity.data.aux_series import AuxSource
from veracity.data.checks import GapLimits
from veracity.domain.time import NS_PER_DAY, NS_PER_HOUR, NS_PER_MINUTE

SERIES = """\
[[instruments.aux]]
name = "interest"
file = "funding.parquet"
column = "open_interest"
lag = "5m"
"""
BOTH = INSTRUMENT + SERIES + STRATEGY


def series(folder: Path, text: str) -> tuple[AuxSource, ...]:
    return loaded(folder, text).instruments[0].aux


def test_a_table_becomes_a_source_in_whole_units(tmp_path: Path) -> None:
    more = """\
symbol = "BTC"
scale = 2
period = "1d"
available = "published"
interval = "1d"
gaps = "allow"
gap_total_max = 9
gap_run_max = 3
duplicates = "drop_identical"
max_age = "2d"
critical = true
"""
    assert series(tmp_path, INSTRUMENT + SERIES + more + STRATEGY) == (
        AuxSource(
            name="interest",
            file=(tmp_path / "funding.parquet").resolve(),
            column="open_interest",
            symbol="BTC",
            scale=2,
            period_ns=NS_PER_DAY,
            lag_ns=5 * NS_PER_MINUTE,
            available="published",
            interval_ns=NS_PER_DAY,
            gaps="allow",
            gap_limits=GapLimits(9, 3),
            duplicates="drop_identical",
            max_age_ns=2 * NS_PER_DAY,
            critical=True,
        ),
    )


def test_a_series_that_is_known_at_once_has_to_say_so(tmp_path: Path) -> None:
    (one,) = series(tmp_path, changed('"5m"', '"0s"', BOTH))
    assert (one.lag_ns, one.scale, one.period_ns, one.critical, one.max_age_ns) == (0, 9, 0, False, None)
    fault = only(tmp_path, changed('lag = "5m"\n', "", BOTH))
    assert fault.startswith("run.toml:12: instruments[0].aux[0].lag: missing key: nothing says when a value")
    assert series(tmp_path, changed('lag = "5m"', 'available = "published"', BOTH))[0].lag_ns == 0


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"interest"', '"funding_rate"', "aux[0].name: funding_rate cannot be named here"),
        ('"interest"', '"regime"', "aux[0].name: regime cannot be named here: the engine keeps it"),
        ('"interest"', '"bars"', "aux[0].name: bars cannot be named here"),
        ('"interest"', '"Interest"', "aux[0].name: "),
        ('"funding.parquet"', '"none.csv"', "aux[0].file: there is no such file"),
        ('"open_interest"', '"ts"', "aux[0].column: is another column"),
        ('lag = "5m"', 'available = "open_interest"', "aux[0].available: is another column"),
        ('lag = "5m"', 'available = "symbol"', "aux[0].available: is another column"),
        ('"5m"', '"five"', "aux[0].lag: "),
        ('lag = "5m"', 'lag = "5m"\ngaps = "allow"', "aux[0].gaps: has no effect"),
        ('lag = "5m"', 'lag = "5m"\ninterval = "1h"\ngap_run_max = 3', "aux[0].gap_run_max: has no effect"),
        ('lag = "5m"', 'lag = "5m"\nscale = 10', "aux[0].scale: must be at most 9"),
        ('lag = "5m"', 'lag = "5m"\nmax_agee = "1h"', "aux[0].max_agee: unknown key"),
    ],
)
def test_what_a_table_may_not_say_is_told_at_its_place(
    tmp_path: Path, old: str, new: str, fault: str
) -> None:
    assert f"instruments[0].{fault}" in only(tmp_path, changed(old, new, BOTH))


def test_two_series_of_one_name_are_told_at_the_second(tmp_path: Path) -> None:
    assert "instruments[0].aux[1].name: used twice" in only(tmp_path, INSTRUMENT + SERIES + SERIES + STRATEGY)


def test_all_faults_of_all_series_are_told_at_once(tmp_path: Path) -> None:
    bad = changed('"funding.parquet"', '"none.csv"', changed('lag = "5m"\n', "", SERIES))
    found = told(tmp_path, INSTRUMENT + bad + changed('"interest"', '"regime"', SERIES) + STRATEGY)
    assert [fault.split(": ")[1] for fault in found] == [
        "instruments[0].aux[0].lag",
        "instruments[0].aux[0].file",
        "instruments[0].aux[1].name",
    ]


def test_its_age_goes_to_the_strategies_of_the_instrument_which_may_set_their_own(tmp_path: Path) -> None:
    text = BOTH.replace('lag = "5m"', 'lag = "5m"\nmax_age = "2h"\ncritical = true')
    (limits,) = loaded(tmp_path, text).limits().values()
    assert (limits.critical_aux, dict(limits.aux_ttl_ns)) == (("interest",), {"interest": 2 * NS_PER_HOUR})
    (limits,) = loaded(tmp_path, text + "[strategies.risk]\naux_ttl_s = {interest = 60}\n").limits().values()
    assert limits.aux_ttl_ns["interest"] == NS_PER_MINUTE
    (limits,) = loaded(tmp_path, BOTH).limits().values()
    assert (limits.critical_aux, dict(limits.aux_ttl_ns)) == ((), {})


def test_an_age_for_a_series_that_nobody_has_is_refused(tmp_path: Path) -> None:
    fault = only(tmp_path, BOTH + "[strategies.risk]\naux_ttl_s = {interst = 60}\n")
    assert "aux_ttl_s.interst: is not used" in fault


def test_the_hash_knows_what_a_series_is_and_not_where_its_file_lies(tmp_path: Path) -> None:
    def hash_of(text: str) -> str:
        return loaded(tmp_path, text).config_hash

    plain = hash_of(BOTH)
    (tmp_path / "other.parquet").touch()
    assert hash_of(changed('"funding.parquet"', '"other.parquet"', BOTH)) == plain
    others = [
        hash_of(GOOD),
        hash_of(changed('"5m"', '"6m"', BOTH)),
        hash_of(changed('"open_interest"', '"interest_usd"', BOTH)),
        hash_of(changed('"interest"', '"interest2"', BOTH)),
        hash_of(BOTH.replace('lag = "5m"', 'lag = "5m"\nmax_age = "2h"')),
    ]
    assert len({plain, *others}) == 6


def test_the_resolved_config_loads_as_the_same(tmp_path: Path) -> None:
    first = loaded(tmp_path, BOTH.replace('lag = "5m"', 'lag = "5m"\ninterval = "1h"'))
    again = tmp_path / "elsewhere"
    again.mkdir()
    (again / "config.resolved.toml").write_text(first.resolved_toml(), encoding="utf-8")
    second = load(again / "config.resolved.toml")
    assert second.config_hash == first.config_hash
    assert second.instruments == first.instruments


def test_an_override_reaches_a_series(tmp_path: Path) -> None:
    (one,) = load(write(tmp_path, BOTH), ["instruments.0.aux.0.lag=7m"]).instruments[0].aux
    assert one.lag_ns == 7 * NS_PER_MINUTE


def test_a_strategy_that_decides_on_a_series_needs_it_on_its_first_leg(tmp_path: Path) -> None:
    wanting = changed('"momentum"', '"open_interest_trend"', STRATEGY)
    (fault,) = refused(tmp_path, BOTH.replace(STRATEGY, wanting))
    assert (fault.what, fault.hint) == (
        "strategies[0].legs[0]: the first leg needs open_interest",
        "did you mean interest?",
    )
    (fault,) = refused(tmp_path, INSTRUMENT + wanting)
    assert fault.hint == 'add [[instruments.aux]] with name = "open_interest"'
    loaded(tmp_path, changed('"interest"', '"open_interest"', BOTH).replace(STRATEGY, wanting))
