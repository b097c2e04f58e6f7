rows = [{id: 1}, {id: 2}]
f = FIRST rows
l = LAST rows
TALK f.id + "/" + l.id                       ' expect: 1/2
TALK FIRST "Ana Maria"                       ' expect: Ana
TALK LAST "Ana Maria"                        ' expect: Maria
