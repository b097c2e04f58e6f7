d = DATE(2026, 3, 9)
TALK d + DAYS(1)                             ' expect: 2026-03-10
TALK d - WEEKS(1)                            ' expect: 2026-03-02
TALK FORMAT(d + HOURS(1) + MINUTES(2) + SECONDS(3), "HH:mm:ss")   ' expect: 01:02:03
