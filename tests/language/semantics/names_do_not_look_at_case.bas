Total = 5
TALK TOTAL + total                           ' expect: 10
