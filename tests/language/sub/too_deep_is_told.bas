FUNCTION f(n)
  RETURN f(n + 1)
END FUNCTION
x = f(0)
' expect error: Line 2: SUBs and FUNCTIONs call each other more than 200 deep.
