' input: id = 3
DESCRIPTION "Finds an order"
PARAM id AS INTEGER LIKE 5 DESCRIPTION "The number of the order"
TALK id                                      ' expect: 3
