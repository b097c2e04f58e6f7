"""The tests of botmcp: real Postgres, real Valkey, real processes."""
