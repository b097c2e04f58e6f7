user_id = "user_id"
SET USER user_id
' expect announced: Line 2: SET USER
