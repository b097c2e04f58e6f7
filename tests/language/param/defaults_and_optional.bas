PARAM n AS INTEGER DEFAULT 5
PARAM word AS STRING OPTIONAL
TALK n + " " + (word IS NULL)                ' expect: 5 true
