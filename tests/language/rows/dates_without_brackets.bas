due = DATEADD "2026-01-31", 1, "month"
TALK due                                     ' expect: 2026-02-28
TALK DATEDIFF "2026-01-01", "2026-01-11", "day"   ' expect: 10
