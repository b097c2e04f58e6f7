found = JSON PARSE KB STATISTICS
TALK found.total_documents + " of " + found.total_collections   ' expect: 2 of 1
TALK found.collections[0].name + " " + found.collections[0].status   ' expect: handbook green
one = JSON PARSE KB COLLECTION STATS "handbook"
TALK one.points_count + " " + one.unreadable_count   ' expect: 5 1
none = JSON PARSE KB COLLECTION STATS "nothing"
TALK none.name + " " + none.status           ' expect: nothing empty
