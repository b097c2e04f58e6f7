x = READ "a.txt" AS MUSIC
' expect error: Line 1: A file is read and written AS TEXT, TABLE, LINES, not MUSIC.
