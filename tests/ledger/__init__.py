"""The ledger's promises, each with examples, on SQLite and on PostgreSQL."""
