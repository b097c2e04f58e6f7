FUNCTION f(a, b)
  RETURN b IS NULL
END FUNCTION
TALK f(1)                                    ' expect: true
