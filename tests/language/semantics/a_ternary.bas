TALK 1 > 2 ? "yes" : "no"                    ' expect: no
