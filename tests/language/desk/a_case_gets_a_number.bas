' answer GENERATE CASE NUMBER: "CASE-20260131-04711"
n = GENERATE CASE NUMBER
TALK n                                       ' expect: CASE-20260131-04711
