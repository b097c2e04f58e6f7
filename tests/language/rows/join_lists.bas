orders = [{id: 1, c: 7}, {id: 2, c: 8}]
customers = [{c: 7, name: "Ana"}]
TALK JSON(JOIN orders, customers, "c")       ' expect: [{"id": 1, "c": 7, "name": "Ana"}]
