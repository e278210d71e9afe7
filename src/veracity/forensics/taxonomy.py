"""The door to the log taxonomy (specs/policies/log_taxonomy.yaml; S-018, S-033): what the log says of each kind of event."""

from collections.abc import Mapping
from typing import get_args

from veracity.domain.errors import EngineFault
from veracity.domain.events import Event
from veracity_generated.policies.log_taxonomy import LEVELS, NOTICES, TAXONOMY, Entry

__all__ = ["Entry", "Taxonomy", "event_kinds", "in_event_log", "standard"]


class Taxonomy:
    """The entries of all kinds of events, each kind exactly once, and of the notices that only the log has."""

    def __init__(self, entries: Mapping[str, Entry], notices: Mapping[str, Entry] = NOTICES) -> None:
        """Raises EngineFault where a kind of the Event union has no entry, an entry no kind, or two the same code."""
        wanted, given = event_kinds(), tuple(entries)
        odd = sorted({*wanted} ^ {*given})
        if odd:
            raise EngineFault(f"log taxonomy and event kinds differ in: {', '.join(odd)}")
        codes = [entry.code for entry in (*entries.values(), *notices.values())]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise EngineFault(f"two kinds have the log code {', '.join(twice)}")
        self._entries = dict(entries)
        self._notices = dict(notices)

    def entry(self, kind: str) -> Entry:
        """What the log says of `kind`. Raises EngineFault where it does not know the kind: a code is never guessed."""
        try:
            return self._entries[kind]
        except KeyError:
            raise EngineFault(f"the log taxonomy has no entry for {kind!r}") from None

    def notice(self, kind: str) -> Entry:
        """What the log says of the notice `kind`. Raises EngineFault where it does not know it."""
        try:
            return self._notices[kind]
        except KeyError:
            raise EngineFault(f"the log taxonomy has no notice {kind!r}") from None


def event_kinds() -> tuple[str, ...]:
    """The kinds of the Event union."""
    return tuple(str(member.__struct_config__.tag) for member in get_args(Event))


def in_event_log(entry: Entry) -> bool:
    """Whether the kind is written to events.jsonl."""
    return LEVELS.index(entry.level) >= LEVELS.index("INFO")


def standard() -> Taxonomy:
    """The taxonomy of this version."""
    return Taxonomy(TAXONOMY)
