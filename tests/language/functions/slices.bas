TALK JSON(SLICE([1, 2, 3, 4], 1, 3)) + JSON(SLICE([1, 2, 3], -2)) + SLICE("abcd", 1, 3)   ' expect: [2, 3][2, 3]bc
