TALK JSON(ARRAY(1, "a")) + JSON(RANGE(1, 3))   ' expect: [1, "a"][1, 2, 3]
