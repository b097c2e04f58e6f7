ON ERROR RESUME NEXT
CALL inner()
TALK "main goes on: " + error.message        ' expect: main goes on: Division by zero.
CALL guarded()
SUB inner
  x = 1 / 0
  TALK "never"
END SUB
SUB guarded
  ON ERROR GOTO out
  x = 1 / 0
  TALK "never"
  out:
  TALK "guarded"                             ' expect: guarded
END SUB
