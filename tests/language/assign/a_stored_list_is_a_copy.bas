lines = ["x"]
order = {lines: lines}
lines.PUSH("y")
order.lines.PUSH("z")
RETURN [lines, order.lines]
' expect result: [["x", "y"], ["x", "z"]]
