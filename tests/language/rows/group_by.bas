sales = [{m: "jan", v: 1}, {m: "feb", v: 2}, {m: "jan", v: 3}]
groups = GROUP BY sales, "m"
TALK UBOUND(groups.jan) + " " + UBOUND(groups.feb)   ' expect: 2 1
