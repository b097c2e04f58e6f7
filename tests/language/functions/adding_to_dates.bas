d = "2026-01-31"
TALK ADD_DAYS(d, 1) + " " + ADD_WEEKS(d, 1) + " " + ADD_MONTHS(d, 1) + " " + ADD_QUARTERS(d, 1) + " " + ADD_YEARS(d, 1)   ' expect: 2026-02-01 2026-02-07 2026-02-28 2026-04-30 2027-01-31
t = "2026-01-31 10:00:00"
TALK FORMAT(ADD_HOURS(t, 2), "HH:mm") + " " + FORMAT(ADD_MINUTES(t, 3), "HH:mm") + " " + FORMAT(ADD_SECONDS(t, 4), "ss")   ' expect: 12:00 10:03 04
