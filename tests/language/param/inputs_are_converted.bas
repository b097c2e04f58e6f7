PARAM count AS INTEGER
PARAM paid AS BOOLEAN
PARAM items AS OBJECT
PARAM tags AS ARRAY
PARAM day AS DATE
PARAM note AS STRING OPTIONAL
PARAM level AS INTEGER DEFAULT 3
' input: count = "5"
' input: paid = "yes"
' input: items = "{\"a\": 1}"
' input: tags = "x, y"
' input: day = "2026-01-02"
' input: extra = 7
TALK count + level + items.a + extra         ' expect: 16
TALK paid AND LEN(tags) = 2                  ' expect: true
TALK YEAR(day) + "[" + note + "]"            ' expect: 2026[]
' expect warning: Line 14: extra is read but never set: it is NULL. Set it first, or ask for it: PARAM extra AS STRING. A text stands in quotes: "extra".
