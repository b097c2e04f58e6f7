name = "Ana"
order = {id: 7, lines: [{sku: "A"}]}
TALK "Hello ${name}!"                        ' expect: Hello Ana!
TALK "Order ${order.id}: ${order.lines[0].sku} ${1 + 1}"   ' expect: Order 7: A 2
TALK "${UCASE(name)} {name} {{name}}"        ' expect: ANA {name} {{name}}
