"""Postgres, Redis and the processes beside us, without a word about BASIC."""
