' Counts what is left of an article.

DESCRIPTION "Counts what is left"
PARAM amount AS INTEGER LIKE 40 DESCRIPTION "What the article costs"

left = 0
FOR EACH shelf IN [{"price": 30, "left": 4}, {"price": 60, "left": 2}, {"price": 90, "left": 1}]
  IF shelf.price >= amount THEN
    left = left + shelf.left
  END IF
NEXT
RETURN left
