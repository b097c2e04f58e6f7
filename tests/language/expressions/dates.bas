day = DATE(2026, 1, 31)
TALK day + 1                                 ' expect: 2026-02-01
TALK day - DATE(2026, 1, 1)                  ' expect: 30 days
TALK day.year + "/" + day.month              ' expect: 2026/1
TALK (day > "2026-01-30") + " " + (day = "31/01/2026")   ' expect: true true
