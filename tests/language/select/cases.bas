FOR EACH x IN [1, "b", 9]
  SELECT CASE x
    CASE 1
      TALK "one"
    CASE "a", "b"
      TALK "letter"
    CASE ELSE
      TALK "else"
  END SELECT
NEXT
' expect: one
' expect: letter
' expect: else
