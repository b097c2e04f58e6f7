rows = [{m: "a", v: 1}, {m: "a", v: 2}]
TALK UBOUND(GROUP_BY(rows, "m").a) + UBOUND(GROUPBY(rows, "m").a)   ' expect: 4
TALK PIVOT(rows, "m", "v")[0].v + " " + AGGREGATE("SUM", rows, "v") + " " + UBOUND(FILTER(rows, "v > 1")) + " " + MAP(rows, "v->w")[1].w + " " + FILL(rows[0], "{{m}}")   ' expect: 3 3 1 2 a
