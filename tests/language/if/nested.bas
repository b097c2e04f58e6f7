IF TRUE THEN
  IF FALSE THEN
    TALK "never"
  ELSE
    TALK "inner"                             ' expect: inner
  END IF
END IF
