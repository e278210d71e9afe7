"""Stamp one link: somebody read the ticket beside its tests, and what was seen then is what counts from now on."""

from pathlib import Path

from veracity_trace.levels import Level, Records, judge
from veracity_trace.links import LINKS_PATH, link_of, read_links, write_links
from veracity_trace.report import read_records
from veracity_trace.run import RUN_PATH, changed_files, read_run
from veracity_trace.tickets import Index


class NotStamped(Exception):
    """The link cannot be stamped now; the text says why."""


def stamp(root: Path, index: Index, ticket_id: str) -> None:
    """Write one link to tickets/links.lock.

    Raises NotStamped while a test of the ticket does not pass, its evidence is not fresh or not at level 5, or the run is
    older than the files; RunUnreadable, LinksUnreadable.
    """
    ticket = index.tickets.get(ticket_id)
    if ticket is None:
        raise NotStamped(f"{ticket_id}: no file of tickets/ has it")
    run = read_run(root / RUN_PATH)
    changed = changed_files(run, root)
    if changed:
        raise NotStamped(f"{ticket_id}: {changed[0]} changed since the last run; run the tests again")
    records, unreadable = read_records(root)
    if unreadable:
        raise NotStamped(f"{ticket_id}: {unreadable[0]}")
    part = index.around(ticket_id)
    standings = judge(part, run.tests, root, Records(records.evidence), Level.CAN_FAIL_IN_CLAIM)
    standing = standings[ticket_id]
    gaps = [gap for gap in standing.gaps if gap.code != "unstamped"]
    if gaps:
        raise NotStamped(str(gaps[0]))
    links = read_links(root / LINKS_PATH)
    write_links(root / LINKS_PATH, links | {ticket_id: link_of(root, ticket, standing.tests)})
