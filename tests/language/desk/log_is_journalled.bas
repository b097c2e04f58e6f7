LOG "started", 5                             ' expect journal: LOG "started 5"
