"""The memory of bots in Postgres: what each remembers, what others shared with it."""
