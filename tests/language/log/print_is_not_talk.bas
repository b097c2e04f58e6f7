PRINT "to the log"                           ' expect journal: PRINT "to the log"
TALK "to the person"                         ' expect: to the person
