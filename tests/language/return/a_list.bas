RETURN [1, {a: NULL}]
' expect result: [1, {"a": null}]
