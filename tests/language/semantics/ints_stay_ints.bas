TALK 2 * 3.0                                 ' expect: 6
TALK 0.1 + 0.2 < 0.31                        ' expect: true
