total = 1
CALL add(4)
TALK total                                   ' expect: 5
SUB add(amount)
  total = total + amount
  mine = amount
END SUB
TALK "[" + amount + "]"                      ' expect: []
