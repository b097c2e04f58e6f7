' answer SEARCH PRODUCTS: [{"name": "Laptop"}]
' answer PRODUCT: {"name": "Mouse"}
found = SEARCH PRODUCTS "laptop", 5
TALK found[0].name                           ' expect: Laptop
one = PRODUCT "X-100"
TALK one.name                                ' expect: Mouse
