# Generated from src/veracity_gen/templates/machine_base.py.j2.
# Do not edit: change the source, then run `make gen`.

"""What every state machine has in common."""


class NoSuchTransition(Exception):
    """The table has no row for this event in this state; `reason` is a reason code, `no_arc` where none is named."""

    def __init__(self, machine: str, state: str, on: str, reason: str = "no_arc") -> None:
        super().__init__(f"{machine}: {on} in state {state}: {reason}")
        self.machine = machine
        self.state = state
        self.on = on
        self.reason = reason
