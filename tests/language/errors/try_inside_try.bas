' The innermost TRY is asked first; a mistake in its CATCH goes to the next one. ON ERROR waits outside.
ON ERROR RESUME NEXT
FOR i = 1 TO 2
  TRY
    TRY
      THROW "first ${i}"
    CATCH a
      THROW a.message + ", second"
    END TRY
    TALK "never"
  CATCH b
    TALK b.message           ' expect: first 1, second
  END TRY                    ' expect: first 2, second
NEXT
THROW "outside"
TALK error.message           ' expect: outside
