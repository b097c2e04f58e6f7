TALK FORMAT("2026-03-09 14:05", "h:mm tt") + " " + FORMAT_TIME("2026-03-09 14:05") + " " + FORMAT("2026-03-09", "dddd, d MMM yy")   ' expect: 2:05 PM 14:05 Monday, 9 Mar 26
