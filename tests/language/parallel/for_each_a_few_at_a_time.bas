PARALLEL FOR EACH x IN [3, 1, 2] MAX 1
  RETURN x * 2
END PARALLEL
TALK result    ' expect: [6, 2, 4]
