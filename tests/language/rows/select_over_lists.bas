' answer SELECT: [{"name": "Ana"}]
people = [{name: "Ana", age: 30}, {name: "Bob", age: 20}]
older = SELECT name FROM people WHERE age > 25
TALK older[0].name                           ' expect: Ana
