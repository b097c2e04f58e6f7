d = DATEADD("2026-01-31", 1, "month")
TALK d                                       ' expect: 2026-02-28
TALK DATEDIFF("2026-01-01", "2026-03-01") + " " + DATEDIFF("hour", "2026-01-01 10:00", "2026-01-01 15:59")   ' expect: 59 5
TALK YEAR(d) + "/" + MONTH(d) + "/" + DAY(d) + " " + WEEKDAY("2026-03-14")   ' expect: 2026/2/28 7
TALK (NOW() + DAYS(3) > NOW()) + " " + (d < TODAY())    ' expect: true true
