' input: sure = "true"
' input: list = "[1, 2]"
' input: order = {"id": 7}
PARAM sure AS BOOLEAN
PARAM list AS ARRAY
PARAM order AS OBJECT
TALK sure + " " + list[1] + " " + order.id   ' expect: true 2 7
