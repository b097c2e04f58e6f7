x = 2
IF x = 1 THEN TALK "one" ELSE TALK "other"   ' expect: other
