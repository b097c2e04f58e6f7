HEAR age AS INTEGER
TALK age
' answer HEAR: "old"
' expect: That is not a whole number. Please try again.
' answer HEAR: "7"
' expect: 7
