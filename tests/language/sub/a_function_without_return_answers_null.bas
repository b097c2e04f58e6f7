FUNCTION nothing(x)
  y = x
END FUNCTION
TALK nothing(1) IS NULL                      ' expect: true
