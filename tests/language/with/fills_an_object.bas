WITH customer
  name = "Ana"
  .age = 30 + 1
END WITH
RETURN customer
' expect result: {"name": "Ana", "age": 31}
