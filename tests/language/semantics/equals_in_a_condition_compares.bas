a = 1
b = 5
IF a = 1 AND b >= 2 THEN TALK "both"         ' expect: both
IF a == 1 && b != 4 || FALSE THEN TALK "too" ' expect: too
