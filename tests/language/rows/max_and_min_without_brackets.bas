TALK MAX 3, 9, 4                             ' expect: 9
TALK MIN 3, 9, 4                             ' expect: 3
