TALK ISEMPTY("  ") + " " + ISNULL(0) + " " + ISNUMERIC("1.5") + " " + TYPEOF([])   ' expect: true false true array
TALK NVL(NULL, "x") + IIF(1 > 0, "y", "z")   ' expect: xy
TALK TYPEOF(JSON_PARSE("{\"a\": [1]}").a)    ' expect: array
