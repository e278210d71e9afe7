"""What a disk that runs low leads to, before a write fails."""

import pytest

from veracity.domain.events import CloseOnlyRequested, HaltRequested
from veracity.domain.time import NS_PER_SECOND
from veracity.journal.space import Health, HealthStatus
from veracity.runtime.disk_watch import DISK, DiskWatch

OK, DEGRADED, RESERVE, DEAD = HealthStatus


class Disk:
    """Health as it is told."""

    def __init__(self) -> None:
        self.status = OK
        self.asked = 0

    def __call__(self) -> Health:
        self.asked += 1
        return Health(self.status, 2048, "worn out" if self.status is DEAD else "")


def said(*statuses: HealthStatus) -> list[str]:
    """What is said of each status, a second apart."""
    disk = Disk()
    watch = DiskWatch(disk)
    kinds = []
    for second, disk.status in enumerate(statuses, 1):
        kinds.append("".join(type(one.command).__name__ for one in watch.poll(second * NS_PER_SECOND)))
    return kinds


def test_a_slow_sync_is_counted_and_the_slowest_is_kept() -> None:
    """F08: one of 5 s; a second is where slow begins. It closes nothing: whatever is to be sent waits for it anyway."""
    took = [3_000_000, 999_999_999, 5_000_000_000, 1_000_000_000, 2_000_000]
    watch = DiskWatch(lambda: Health(OK, 2048, "", took.pop(0)))
    said = [watch.poll(second * NS_PER_SECOND) for second in range(5)]
    assert (watch.sync_ns_worst, watch.slow_syncs) == (5_000_000_000, 2)
    assert said == [()] * 5


@pytest.mark.parametrize(
    ("statuses", "kinds"),
    [
        ([OK, OK], ["", ""]),
        ([OK, DEGRADED, DEGRADED], ["", "CloseOnlyRequested", ""]),
        ([DEGRADED, RESERVE, RESERVE], ["CloseOnlyRequested", "HaltRequested", ""]),
        ([OK, RESERVE, DEGRADED, OK], ["", "HaltRequested", "", ""]),
        ([DEGRADED, OK, DEGRADED], ["CloseOnlyRequested", "", "CloseOnlyRequested"]),
        ([OK, DEAD], ["", ""]),
    ],
)
def test_less_room_is_said_once_and_more_room_loosens_nothing(
    statuses: list[HealthStatus], kinds: list[str]
) -> None:
    assert said(*statuses) == kinds


def test_the_disk_is_asked_once_a_second() -> None:
    disk = Disk()
    watch = DiskWatch(disk)
    for now in (0, NS_PER_SECOND - 1, NS_PER_SECOND, NS_PER_SECOND + 1):
        watch.poll(now)
    assert disk.asked == 2


def test_a_command_says_how_much_is_left_under_an_id_of_its_own() -> None:
    disk = Disk()
    disk.status = DEGRADED
    watch = DiskWatch(disk)
    (given,) = watch.poll(7)
    words = "2 KiB of disk are free, less than the low-water mark"
    assert given == ("disk-degraded-7", CloseOnlyRequested(7, DISK, words), "")
    assert watch.stands_against() == words
    disk.status = RESERVE
    assert watch.poll(8 + NS_PER_SECOND)[0].command == HaltRequested(
        8 + NS_PER_SECOND, DISK, "the journal's reserve is in use: 2 KiB of disk are free"
    )
    disk.status = DEAD
    assert watch.stands_against() == "the journal is dead: worn out"
    disk.status = OK
    assert watch.stands_against() == ""
