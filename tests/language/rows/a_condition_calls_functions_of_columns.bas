rows = [{name: "Ana", born: "2000-05-17", seen: NULL}, {name: "BOB", born: "1999-05-17", seen: "2026-01-01"}]
a = FILTER(rows, "YEAR(born) = 2000")
TALK UBOUND(a) + " " + a[0].name             ' expect: 1 Ana
b = FILTER(rows, "LOWER(name) LIKE LOWER(%OB%) AND born < DATE('2000-01-01')")
TALK b[0].name                               ' expect: BOB
c = FILTER(rows, "DATEDIFF('2026-01-11', seen) >= 10")
TALK UBOUND(c) + " " + c[0].name             ' expect: 1 BOB
d = FILTER(rows, "COALESCE(seen, 'never') = 'never'")
TALK d[0].name                               ' expect: Ana
e = FILTER(rows, "born > NOW() - DAYS(3)")
TALK UBOUND(e)                               ' expect: 0
