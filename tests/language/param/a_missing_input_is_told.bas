PARAM email AS EMAIL LIKE "ana@example.com"
TALK email
' expect error: The input email is missing. Give email as EMAIL, like ana@example.com.
