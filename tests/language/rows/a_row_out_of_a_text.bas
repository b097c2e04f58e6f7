' answer SAVE FROM UNSTRUCTURED "leads": {"name": "Ana"}
row = SAVE FROM UNSTRUCTURED "leads", "I am Ana"
TALK row.name                                ' expect: Ana
