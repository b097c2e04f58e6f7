' answer MERGE "stock": {"inserted": 1, "updated": 2}
done = MERGE "stock" WITH [{id: 1}, {id: 2}, {id: 3}] BY "id"
TALK done.inserted + "/" + done.updated      ' expect: 1/2
