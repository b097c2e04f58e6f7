rows = [{n: 2}, {n: 10}, {n: 1}]
up = SORT rows BY "n"
down = SORT rows BY "n" DESC
TALK JSON(up)                                ' expect: [{"n": 1}, {"n": 2}, {"n": 10}]
TALK JSON(down)                              ' expect: [{"n": 10}, {"n": 2}, {"n": 1}]
