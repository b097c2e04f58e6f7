TALK JSON(SORT([3, 1, 2])) + JSON(REVERSE([1, 2])) + REVERSE("ab")   ' expect: [1, 2, 3][2, 1]ba
TALK JSON(SORT([{n: 2}, {n: 1}], "n"))       ' expect: [{"n": 1}, {"n": 2}]
