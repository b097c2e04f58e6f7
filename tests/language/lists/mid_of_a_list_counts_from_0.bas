all = ["a", "b", "c", "d"]
TALK JOIN(MID(all, 1, 2), "-")               ' expect: b-c
TALK MID("abcd", 2, 2)                       ' expect: bc
TALK UBOUND(MID(all, 3))                     ' expect: 1
