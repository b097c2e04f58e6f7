FUNCTION fact(n)
  IF n <= 1 THEN RETURN 1
  RETURN n * fact(n - 1)
END FUNCTION
TALK fact(5) + fact(3)                       ' expect: 126
