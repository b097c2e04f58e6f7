"""The numbered SQL that makes and changes the tables; `storage.migrate` applies it. No code lives here."""
