TALK ("hello" CONTAINS "ell") + " " + ([1, 2] CONTAINS 3)   ' expect: true false
