FUNCTION fact(n)
  IF n < 2 THEN RETURN 1
  RETURN n * fact(n - 1)
END FUNCTION
TALK fact(10)                                ' expect: 3628800
