TALK "" OR "Guest"                           ' expect: Guest
TALK 1 AND "yes"                             ' expect: yes
TALK (NOT 0) + " " + (NOT "x")               ' expect: true false
TALK (1 > 2 OR 2 > 1 AND NOT FALSE)          ' expect: true
