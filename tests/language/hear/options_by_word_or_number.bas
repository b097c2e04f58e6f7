HEAR colour AS "red", "green"
HEAR other AS "red", "green"
TALK colour + " " + other                    ' expect: red green
' answer HEAR: "RED"
' answer HEAR: "2"
