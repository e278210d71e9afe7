"""The one loop: input, journal, apply, effects; and the feeds and clocks that it runs on."""
