IF 1 = 1 AND
   2 = 2 THEN
  TALK "both"                                ' expect: both
END IF
