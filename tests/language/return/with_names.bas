RETURN WITH status AS "ok", n AS 2
' expect result: {"status": "ok", "n": 2}
