TALK "[" + FORMAT 7 AS "000" + "]"           ' expect: [007]
