TALK 7 MOD 3                                 ' expect: 1
TALK 2 ^ 10                                  ' expect: 1024
TALK -2 ^ 2 + " " + -(3)                     ' expect: -4 -3
