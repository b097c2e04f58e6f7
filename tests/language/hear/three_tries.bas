HEAR age AS INTEGER
' answer HEAR: "a"
' answer HEAR: "b"
' answer HEAR: "c"
' expect: That is not a whole number. Please try again.
' expect: That is not a whole number. Please try again.
' expect error: Line 1: No answer could be read in 3 tries. That is not a whole number.
