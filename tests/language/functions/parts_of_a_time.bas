t = "2026-03-09 14:05:07"
TALK YEAR(t) + " " + MONTH(t) + " " + DAY(t) + " " + HOUR(t) + " " + MINUTE(t) + " " + SECOND(t)   ' expect: 2026 3 9 14 5 7
TALK WEEKDAY("2026-03-09") + " " + TIMESTAMP("1970-01-02") + " " + UNIX_TIMESTAMP("1970-01-01 00:01")   ' expect: 2 86400 60
