order = {
  id: 7,
  "two words": [1,
    2],
  nested: {a: TRUE}
}
RETURN order
' expect result: {"id": 7, "two words": [1, 2], "nested": {"a": true}}
