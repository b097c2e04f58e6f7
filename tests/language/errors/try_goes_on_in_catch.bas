' A mistake between TRY and CATCH goes on behind CATCH; one in a SUB that is called there does, too.
TRY
  TALK "before"              ' expect: before
  THROW "no stock"
  TALK "never"
CATCH problem
  TALK problem.message       ' expect: no stock
END TRY
TRY
  price = divided(6, 0)
CATCH
  TALK error.message         ' expect: Division by zero.
END TRY
TRY
  TALK "all is well"         ' expect: all is well
CATCH problem
  TALK "never"
END TRY
TALK "behind"                ' expect: behind

FUNCTION divided(a, b)
  RETURN a / b
END FUNCTION
