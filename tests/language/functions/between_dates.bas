a = "2026-01-01 10:00:00"
b = "2027-03-15 12:30:10"
TALK DAYS_BETWEEN(a, b) + " " + WEEKS_BETWEEN(a, b) + " " + MONTHS_BETWEEN(a, b) + " " + QUARTERS_BETWEEN(a, b) + " " + YEARS_BETWEEN(a, b)   ' expect: 438 62 14 4 1
c = "2026-01-01 12:30:10"
TALK HOURS_BETWEEN(a, c) + " " + MINUTES_BETWEEN(a, c) + " " + SECONDS_BETWEEN(a, c)   ' expect: 2 150 9010
