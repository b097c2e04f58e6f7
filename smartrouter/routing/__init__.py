"""Which model answers a call best: a pure choice that learns. `choice` is the way in; `experience` is what it knows."""
