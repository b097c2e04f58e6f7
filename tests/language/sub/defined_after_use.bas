TALK twice(4)                                ' expect: 8
FUNCTION twice(n)
  RETURN n * 2
END FUNCTION
