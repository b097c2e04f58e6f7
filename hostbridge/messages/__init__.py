"""The outbox of bots: what they send, kept with the state of their runs, delivered by a relay."""
