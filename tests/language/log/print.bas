PRINT "total", 3, NULL, [1]
' expect journal: PRINT "total 3  [1]"
