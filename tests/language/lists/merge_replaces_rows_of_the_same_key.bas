old = [{id: 1, name: "x"}, {id: 2, name: "y"}]
new = [{id: 2, name: "z"}, {id: 3, name: "w"}]
RETURN MERGE old, new, "id"   ' expect result: [{"id": 1, "name": "x"}, {"id": 2, "name": "z"}, {"id": 3, "name": "w"}]
