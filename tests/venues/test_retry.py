"""A read is tried again as its policy says: so often, so far apart, and never for what was refused."""

import json
from itertools import islice

import jsonschema
import pytest
import yaml
from tests.kit.process import ROOT

from veracity.domain.errors import VenueFault
from veracity.domain.policies import RETRY, Retry
from veracity.simulator.chance import draw, stream
from veracity.venues.retry import Exhausted, Refusal, retried, waits

MS = 1_000_000
THREE = Retry(attempts=3, base_ns=100 * MS, factor=2, cap_ns=1_000 * MS, jitter_percent=0)


class Clock:
    """Waits by writing down for how long."""

    def __init__(self) -> None:
        self.slept: list[int] = []

    def sleep(self, ns: int) -> None:
        self.slept.append(ns // MS)


class Venue:
    """Fails so often, then answers."""

    def __init__(self, *faults: Exception) -> None:
        self.faults, self.calls = list(faults), 0

    def __call__(self) -> str:
        self.calls += 1
        if self.faults:
            raise self.faults.pop(0)
        return "answer"


@pytest.mark.ticket("T-030")
def test_three_attempts_are_three_calls_and_then_the_last_fault() -> None:
    venue, clock = Venue(*(VenueFault(f"timeout {n}") for n in (1, 2, 3, 4))), Clock()
    with pytest.raises(Exhausted, match="3 attempts failed, the last one with: timeout 3") as caught:
        retried(venue, THREE, clock)
    assert venue.calls == 3
    assert (caught.value.attempts, caught.value.waited_ns) == (3, 300 * MS)
    assert str(caught.value.__cause__) == "timeout 3"
    assert clock.slept == [100, 200]


@pytest.mark.ticket("T-030")
def test_a_success_on_the_second_call_is_the_end() -> None:
    venue = Venue(VenueFault("timeout"))
    assert retried(venue, THREE, Clock()) == "answer"
    assert venue.calls == 2


@pytest.mark.ticket("T-030")
def test_a_definite_refusal_is_called_once() -> None:
    venue, clock = Venue(Refusal("-2010 insufficient balance")), Clock()
    with pytest.raises(VenueFault, match="-2010"):
        retried(venue, THREE, clock)
    assert (venue.calls, clock.slept) == (1, [])


@pytest.mark.ticket("T-031")
def test_the_waits_double_up_to_the_cap() -> None:
    assert [wait // MS for wait in islice(waits(THREE, lambda n: 0), 6)] == [100, 200, 400, 800, 1000, 1000]


@pytest.mark.ticket("T-031")
@pytest.mark.parametrize("name", sorted(RETRY))
def test_with_jitter_no_wait_is_shorter_than_the_one_before_nor_longer_than_the_cap(name: str) -> None:
    policy = RETRY[name]
    seen = set()
    for seed in range(200):
        found = first(policy, 12, seed)
        assert found == sorted(found)
        assert policy.base_ns <= found[0] <= policy.base_ns * 120 // 100
        assert found[-1] == policy.cap_ns
        seen.add(found[0])
    assert len(seen) > 100


def first(policy: Retry, count: int, seed: int) -> list[int]:
    """The first waits with the jitter of a seed."""
    bits, numbers = stream(seed, "jitter"), iter(range(count))
    return list(islice(waits(policy, lambda n: draw(bits, next(numbers)) % n), count))


@pytest.mark.ticket("T-031")
def test_the_same_seed_waits_the_same_and_another_one_otherwise() -> None:
    policy = RETRY["venue_read"]
    assert first(policy, 5, 7) == first(policy, 5, 7) != first(policy, 5, 8)


def test_a_call_that_changes_something_at_the_venue_has_no_policy_and_cannot_be_given_one() -> None:
    schema = json.loads((ROOT / "schemas/policies/retry.schema.json").read_text(encoding="utf-8"))
    policy = yaml.safe_load((ROOT / "specs/policies/retry.yaml").read_text(encoding="utf-8"))
    jsonschema.validate(policy, schema)
    assert set(RETRY) == set(policy["calls"]) == {"venue_read", "data_feed", "alert"}
    for call in ("submit_order", "cancel_order", "venue_write"):
        policy["calls"] = {
            call: {"attempts": 2, "base_ms": 1, "factor": 2, "cap_ms": 9, "tickets": ["T-030"]}
        }
        with pytest.raises(jsonschema.ValidationError, match=f"'{call}' is not one of"):
            jsonschema.validate(policy, schema)
