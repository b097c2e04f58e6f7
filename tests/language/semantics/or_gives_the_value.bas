user = NULL
TALK user OR "Guest"                         ' expect: Guest
TALK user ?? "nobody"                        ' expect: nobody
