TALK 7 / 2                                   ' expect: 3.5
TALK 6 / 2                                   ' expect: 3
