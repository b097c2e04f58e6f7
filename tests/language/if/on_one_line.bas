x = 3
IF x = 3 THEN TALK "three" ELSE TALK "other"   ' expect: three
IF NOT x = 3 THEN TALK "no"
IF x THEN y = x + 1
TALK y                                       ' expect: 4
