TALK 7 / 2                  ' expect: 3.5
TALK 6 / 2                  ' expect: 3
TALK 2 ^ 10                 ' expect: 1024
TALK 7 MOD 3                ' expect: 1
TALK 0 - 7 MOD 3            ' expect: -1
TALK 1 + 2 * 3              ' expect: 7
TALK (1 + 2) * 3            ' expect: 9
TALK 0.1 + 0.2              ' expect: 0.3
TALK -2 + 5                 ' expect: 3
TALK 1.0                    ' expect: 1
