a = DATEVALUE("2026-03-09")
TALK (a < DATEVALUE("2026-03-10")) + " " + (a + 1)   ' expect: true 2026-03-10
