"""The models say what the migrations make: tables, columns, types, what may be absent, what is unique, who points where.

A difference means that a query of the ORM fails or lies on somebody's node: change the migration or the model.
"""

from collections import defaultdict

import pytest
from tortoise.fields import BigIntField, BinaryField, BooleanField, FloatField, IntField
from tortoise.fields.relational import ForeignKeyFieldInstance

from node.runtime.database import orm
from node.runtime.database.orm import Pair, Text

pytestmark = pytest.mark.drift

KINDS = {
    Text: "text",
    BigIntField: "whole",
    IntField: "whole",
    BooleanField: "boolean",
    BinaryField: "bytes",
    FloatField: "real",
}
COLUMN_KINDS = {
    "TEXT": "text", "INTEGER": "whole", "BIGINT": "whole", "BOOLEAN": "boolean", "BLOB": "bytes", "BYTEA": "bytes",
    "REAL": "real",
}  # fmt: skip


def described():
    """What the models say: {table: {column: (kind, may be absent, default)}}, unique sets, references."""
    columns, unique, references = {}, {}, {}
    for model in orm.link().get_models_iterable():
        meta = model._meta
        table = meta.db_table
        fields = {name: meta.fields_map[field] for field, name in meta.fields_db_projection.items()}
        columns[table] = {name: (KINDS[type(field)], field.null, _default(field)) for name, field in fields.items()}
        single = {frozenset([name]) for name, field in fields.items() if field.unique}
        if issubclass(model, Pair):
            single -= {frozenset([meta.db_pk_column])}  # Tortoise needs one key; the true one is in unique_together
        unique[table] = single | {frozenset(names) for names in meta.unique_together}
        references[table] = {
            meta.fields_db_projection[str(field.source_field)]: (
                field.related_model._meta.db_table,
                str(field.on_delete),
            )
            for field in meta.fields_map.values()
            if isinstance(field, ForeignKeyFieldInstance)
        }
    return columns, unique, references


def _default(field):
    # A model gives every column that may be absent None; the migrations need not say so.
    return (
        "" if field.default is None else str(int(field.default) if isinstance(field.default, bool) else field.default)
    )


async def sqlite(reader):
    """What SQLite made, in the same shape."""
    columns, unique, references = {}, {}, {}
    for (table,) in await reader.fetch("SELECT name FROM sqlite_master WHERE type = 'table'"):
        rows = await reader.fetch(f"PRAGMA table_info({table})")
        keys = frozenset(row["name"] for row in rows if row["pk"])
        columns[table] = {
            row["name"]: (COLUMN_KINDS[row["type"]], not (row["notnull"] or row["pk"]), _written(row["dflt_value"]))
            for row in rows
        }
        unique[table] = {keys}
        for index in await reader.fetch(f"PRAGMA index_list({table})"):
            names = [row["name"] for row in await reader.fetch(f"PRAGMA index_info({index['name']})")]
            if index["unique"] and not index["partial"] and None not in names:
                unique[table].add(frozenset(names))
        references[table] = {
            row["from"]: (row["table"], row["on_delete"])
            for row in await reader.fetch(f"PRAGMA foreign_key_list({table})")
        }
    return columns, unique, references


async def postgresql(reader):
    """What PostgreSQL made, in the same shape."""
    columns: dict = defaultdict(dict)
    unique: dict = defaultdict(set)
    references: dict = defaultdict(dict)
    for row in await reader.fetch(
        "SELECT table_name, column_name, UPPER(udt_name) AS type, is_nullable, column_default "
        "FROM information_schema.columns WHERE table_schema = 'public'"
    ):
        kind = COLUMN_KINDS[
            {"INT4": "INTEGER", "INT8": "BIGINT", "BOOL": "BOOLEAN", "FLOAT4": "REAL"}.get(row["type"], row["type"])
        ]
        columns[row["table_name"]][row["column_name"]] = (
            kind, row["is_nullable"] == "YES", _written(row["column_default"]),
        )  # fmt: skip
    for row in await reader.fetch(
        "SELECT c.relname AS name, ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid "
        "AND a.attnum = ANY(i.indkey)) AS names FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'public' AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL"
    ):
        unique[row["name"]].add(frozenset(row["names"]))
    verbs = {"c": "CASCADE", "n": "SET NULL", "a": "NO ACTION"}
    for row in await reader.fetch(
        "SELECT c.relname AS name, a.attname AS col, t.relname AS target, f.confdeltype::text AS verb "
        "FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_class t ON t.oid = f.confrelid "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = f.conkey[1] WHERE f.contype = 'f'"
    ):
        references[row["name"]][row["col"]] = (row["target"], verbs[row["verb"]])
    return columns, unique, references


def _written(default):
    if default is None:
        return ""
    bare = str(default).split("::")[0].strip("'")
    return {"true": "1", "false": "0"}.get(bare.lower(), bare)


async def test_the_models_say_what_the_migrations_make(ctx):
    made = await (sqlite if ctx.db.dialect == "sqlite" else postgresql)(ctx.db.reader)
    said = described()
    tables = set(made[0]) - {"schema_migrations"}
    assert set(said[0]) == tables, "a table has no model, or a model no table"
    for table in sorted(tables):
        assert said[0][table] == made[0][table], f"columns of {table}: kind, may be absent, default"
        assert said[1][table] == made[1][table], f"what is unique in {table}"
        keyless = {} if table not in _pairs() else {_pairs()[table]: made[2][table].get(_pairs()[table])}
        expected = {**{name: to for name, to in keyless.items() if to}, **said[2][table]}
        assert expected == dict(made[2].get(table, {})), f"who {table} points at"


def _pairs():
    """Tables without a single key: the column that Tortoise takes for one cannot be a relation."""
    return {
        model._meta.db_table: model._meta.db_pk_column
        for model in orm.link().get_models_iterable()
        if issubclass(model, Pair)
    }
