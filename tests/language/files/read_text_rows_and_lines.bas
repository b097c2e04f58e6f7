' answer READ "notes.txt": "Hello"
' answer READ "a.csv": [{"city": "Porto"}]
' answer READ "b.txt": ["one", "two"]
TALK READ "notes.txt"                        ' expect: Hello
rows = READ "a.csv" AS TABLE
TALK rows[0].city                            ' expect: Porto
lines = READ "b.txt" AS LINES
TALK lines[1]                                ' expect: two
