"""Rehearsal: every dialog of a package is run before anybody relies on it, in a world that is not real."""
