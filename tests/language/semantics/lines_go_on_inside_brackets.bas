a = [
  1,
  2
]
o = {
  x: 1,
  y: a
}
TALK JSON(o)                                 ' expect: {"x": 1, "y": [1, 2]}
