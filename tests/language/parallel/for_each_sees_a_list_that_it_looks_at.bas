items = [5, 6]
PARALLEL FOR EACH x IN items
  RETURN x + "/" + LEN(items)
END PARALLEL
TALK result[1]    ' expect: 6/2
