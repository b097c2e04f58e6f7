TALK "Dear {name}, {{field}}"                ' expect: Dear {name}, {{field}}
