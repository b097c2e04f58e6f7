PARALLEL FOR EACH x IN [1] MAX 0
  RETURN x
END PARALLEL
' expect error: Line 1: MAX needs a whole number from 1 to 10,000, not the number 0.
