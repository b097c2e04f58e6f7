a = [1]
order.lines = []
PUSH a, 2
PUSH(a, 3)
APPEND order.lines, a
PUSH a, LEN(a)
RETURN [a, order]
' expect result: [[1, 2, 3, 3], {"lines": [[1, 2, 3]]}]
