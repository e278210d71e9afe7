"""A snapshot: the whole state and one part per strategy, each with its hash, as canonical JSON."""

import msgspec

from veracity.domain.canonical import canonical_hash, canonical_json
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.state.hash import state_hash
from veracity.state.model import Account, EngineState


class Snapshot(msgspec.Struct, frozen=True):
    """State at `seq`; `strategies` holds the hash of each strategy's account, so that one can be checked alone."""

    seq: int
    state_hash: str
    strategies: dict[str, str]
    state: EngineState


_decoder = msgspec.json.Decoder(Snapshot)


def account_hash(account: Account) -> str:
    """SHA-256 of one strategy's account."""
    return canonical_hash(account)


def take(state: EngineState) -> bytes:
    """The state as bytes that `restore` reads."""
    hashes = {name: account_hash(account) for name, account in state.accounts.items()}
    return canonical_json(Snapshot(state.seq, state_hash(state), hashes, state))


def restore(raw: bytes) -> EngineState:
    """The state that `take` wrote.

    Raises OperatorFault (exit code 5) where the bytes are no snapshot or a hash differs: the message names the part.
    """
    try:
        snapshot = _decoder.decode(raw)
    except msgspec.MsgspecError as error:
        raise _damaged(f"not readable: {error}") from error
    for name in sorted({**snapshot.strategies, **snapshot.state.accounts}):
        account = snapshot.state.accounts.get(name)
        if account is None or account_hash(account) != snapshot.strategies.get(name):
            raise _damaged(f"the account of strategy {name} does not match its hash")
    if state_hash(snapshot.state) != snapshot.state_hash or snapshot.state.seq != snapshot.seq:
        raise _damaged("the state does not match its hash")
    return snapshot.state


def _damaged(why: str) -> OperatorFault:
    return OperatorFault(
        "snapshot refused",
        why=why,
        hint="restore an older snapshot or replay the journal",
        exit_code=ExitCode.FINDING,
    )
