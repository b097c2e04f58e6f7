"""Golden programs: one small program per behaviour, its expectations inside."""
