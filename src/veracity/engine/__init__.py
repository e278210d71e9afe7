"""What an input leads to: `Engine.step(state, input)` answers events and effects, and changes nothing. Pure."""
