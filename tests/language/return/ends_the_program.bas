TALK "a"                                     ' expect: a
RETURN WITH total AS 1 + 1, name AS "x"
TALK "never"
' expect result: {"total": 2, "name": "x"}
