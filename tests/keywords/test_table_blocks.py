"""TABLE ... END TABLE in the notations that packages use."""

from __future__ import annotations

import pytest

from keywords.compile import compile_program
from keywords.library import registry
from keywords.program import Program
from keywords.table_blocks import Column, table

TABLE = registry()


def column(line: str) -> Column:
    found, problems = table("t", line + "\n")
    assert found is not None and not problems
    [only] = found.columns
    return only


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Name string(100)", Column("Name", "string", "100")),
        ("Id number key", Column("Id", "number", key=True, required=True)),
        ("CustomerId Customers", Column("CustomerId", "Customers")),
        ("Customer number references Customers", Column("Customer", "number", references="Customers")),
        ("UnitPrice* double", Column("UnitPrice", "double")),
        ("Notes string(max)", Column("Notes", "string", "max")),
        ("FIELD total AS DECIMAL(10, 2)", Column("total", "DECIMAL", "10", "2")),
        ("id UUID PRIMARY KEY DEFAULT gen_random_uuid(),", Column("id", "UUID", key=True, required=True)),
        ("code VARCHAR(20) UNIQUE NOT NULL", Column("code", "VARCHAR", "20", required=True, unique=True)),
        ("roi DECIMAL(5,2) GENERATED ALWAYS AS\n  (a / (b + 1)) STORED", Column("roi", "DECIMAL", "5", "2")),
        ("a integer ' a note", Column("a", "integer")),
    ],
)
def test_a_line_is_a_column(line: str, expected: Column) -> None:
    assert column(line) == expected


def test_constraints_and_notes_are_no_columns() -> None:
    body = "' the orders\n  id integer key\n\n  total integer\n  UNIQUE(id, total)\n  CHECK (total > 0)\n  -- more\n"
    found, problems = table('orders ON sales READ BY "a;b" WRITE BY "c"', body)
    assert found is not None and not problems
    assert [c.name for c in found.columns] == ["id", "total"]
    assert found.constraints == ("UNIQUE(id, total)", "CHECK (total > 0)")
    assert (found.name, found.connection, found.readers, found.writers) == ("orders", "sales", ("a", "b"), ("c",))


def test_faults_are_told_at_their_line() -> None:
    source = "TABLE orders\n  id integer\n  +\n  ID string\nEND TABLE\nTABLE\n  id integer\nEND TABLE\n"
    told = [(d.line, d.message) for d in compile_program(source, TABLE).errors]
    assert told[:2] == [
        (3, "`+` is no column of a table."),
        (4, "The table has two columns called ID."),
    ]


def test_a_program_carries_its_tables() -> None:
    compiled = compile_program("TABLE orders\n  id integer key\nEND TABLE\nRETURN 1", TABLE)
    assert compiled.program is not None
    stored = compiled.program.to_json()
    again = Program.load(compiled.program.hash, stored, "", TABLE)
    assert again.tables == compiled.program.tables
    assert again.tables[0]["columns"] == [{"name": "id", "type": "integer", "key": True, "required": True}]
    plain = compile_program("RETURN 1", TABLE).program
    assert plain is not None and "tables" not in plain.to_json()
