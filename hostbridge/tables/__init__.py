"""The bots' own tables: rows that FIND, SAVE, INSERT, UPDATE, DELETE and MERGE work with."""
