TALK EXTRACT_BETWEEN("a<b>c", "<", ">") + EXTRACT_BEFORE("a-b", "-") + EXTRACT_AFTER("a-b", "-")   ' expect: bab
TALK "[" + EXTRACT_BETWEEN("abc", "<", ">") + EXTRACT_BEFORE("abc", "-") + "]"   ' expect: []
