TALK JSON({a: [1, NULL, "x"]}) + TOJSON("q") + STRINGIFY(1)   ' expect: {"a": [1, null, "x"]}"q"1
a = PARSEJSON("[1]")
b = FROMJSON("[2]")
c = JSONPARSE("[3]")
d = PARSE_JSON("[4]")
TALK a[0] + b[0] + c[0] + d[0]               ' expect: 10
