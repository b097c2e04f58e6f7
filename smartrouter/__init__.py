"""Which language model answers, and the one call that asks it."""
