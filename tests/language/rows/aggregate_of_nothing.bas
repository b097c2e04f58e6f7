TALK AGGREGATE "SUM", [], "v"                ' expect: 0
TALK (AGGREGATE "MAX", [], "v") IS NULL      ' expect: true
