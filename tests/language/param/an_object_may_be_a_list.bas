' input: items = "[{id: 1, qty: 2}, {id: 'b', qty: 3}]"
PARAM items AS OBJECT
TALK items[1].id + " " + items[0].qty        ' expect: b 2
