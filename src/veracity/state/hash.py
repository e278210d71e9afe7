"""The state hash: SHA-256 of the state's canonical JSON. Equal states, equal hash, whatever led to them."""

from veracity.domain.canonical import canonical_hash
from veracity.state.model import EngineState


def state_hash(state: EngineState) -> str:
    """64 hex digits over every field of the state, the seq included."""
    return canonical_hash(state)
