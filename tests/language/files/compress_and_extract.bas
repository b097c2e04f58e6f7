' answer COMPRESS: "all.zip"
' answer EXTRACT: ["all/a.txt"]
TALK COMPRESS ["a.txt"], "all.zip"           ' expect: all.zip
x = EXTRACT "all.zip", "all"
TALK x[0]                                    ' expect: all/a.txt
