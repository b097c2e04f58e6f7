"""The official suites against our server: `python -m tests.conformance`, and as tests where npm is there."""
