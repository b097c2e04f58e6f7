TALK ISEMPTY([]) + " " + ISNULL(NULL) + " " + ISNUMERIC("x") + " " + ISNUMBER(1)   ' expect: true true false true
TALK ISDATE("2026-01-01") + " " + ISARRAY([]) + " " + ISLIST(1) + " " + ISOBJECT({})   ' expect: true true false true
TALK TYPEOF(1) + TYPEOF("a") + TYPENAME(TRUE) + TYPEOF(NULL) + TYPEOF({}) + TYPEOF(TODAY())   ' expect: numberstringbooleannullobjectdate
