PARAM diary AS STRING LIKE "diary.txt" DESCRIPTION "The file to note in"
PARAM seconds AS NUMBER LIKE 0.1 DESCRIPTION "How long a note takes"
DESCRIPTION "Notes that it was here"
NOTE IN diary LASTING seconds
RETURN "helped"
