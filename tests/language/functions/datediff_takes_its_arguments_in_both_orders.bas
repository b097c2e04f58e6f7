TALK DATEDIFF("2026-01-01", "2026-03-01", "month") + " " + DATEDIFF("month", "2026-01-01", "2026-03-01")   ' expect: 2 2
