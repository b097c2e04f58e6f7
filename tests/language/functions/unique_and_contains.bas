TALK JSON(DISTINCT([1, 1, 2])) + " " + CONTAINS("abc", "b") + " " + INCLUDES([1, 2], 3)   ' expect: [1, 2] true false
