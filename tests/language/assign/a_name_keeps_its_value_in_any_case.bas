Total = 3
TALK total + TOTAL          ' expect: 6
