FOR EACH x IN [1, 3, 9]
  SELECT CASE x
    CASE 1
      TALK "one"
    CASE 2, 3
      TALK "some"
    CASE ELSE
      TALK "many"
  END SELECT
NEXT
' expect: one
' expect: some
' expect: many
