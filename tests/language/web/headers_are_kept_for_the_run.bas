SET HEADER "Accept" = "text/csv"             ' expect effect: header.set
CLEAR HEADERS                                ' expect effect: header.set
TALK "kept"                                  ' expect: kept
