-- The application's own role in PostgreSQL, which may add to the past (the ledger's, and the trail of who did what)
-- and never change it.
--
-- To be run with psql by the owner of the tables after every migration (compose.yaml does), as often as one likes:
--   APP_DATABASE_PASSWORD=… psql --file=deploy/ledger_grants.sql postgresql://owner@host/xingfu
-- APP_DATABASE_ROLE names the role (xingfu_app if absent); without APP_DATABASE_PASSWORD its password stays as it is.

\set ON_ERROR_STOP on
\set app xingfu_app
\getenv app APP_DATABASE_ROLE
\getenv password APP_DATABASE_PASSWORD

SELECT format('CREATE ROLE %I LOGIN', :'app')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'app') \gexec

\if :{?password}
ALTER ROLE :"app" LOGIN PASSWORD :'password';
\endif

-- Grants do not bind a superuser or the owner of a table, so such a role would only look restricted.
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :'app' AND rolsuper)
    OR EXISTS (SELECT FROM pg_tables WHERE (tablename LIKE 'ledger\_%' OR tablename = 'trail')
              AND pg_has_role(:'app', tableowner, 'MEMBER'))
    AS is_above_grants \gset
\if :is_above_grants
DO $$ BEGIN RAISE EXCEPTION 'the application''s role is a superuser or owns the ledger or the trail; grants would not bind it'; END $$;
\endif

BEGIN;

GRANT USAGE ON SCHEMA public TO :"app";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"app";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO :"app";

-- Append-only: lots, accounts, entries, postings, and the trail.
REVOKE UPDATE, DELETE ON ledger_lots, ledger_accounts, ledger_entries, ledger_postings, trail FROM :"app";

-- And what became of areas and cards, what people agreed to, and who looked at their data in full.
REVOKE UPDATE, DELETE ON area_changes, card_changes, policy_versions, consents, reveals FROM :"app";

-- And the figures of months that are over, and the history of groups.
REVOKE UPDATE, DELETE ON figure_snapshots, group_changes FROM :"app";

-- And what guardians said about children.
REVOKE UPDATE, DELETE ON guardian_consents FROM :"app";

-- The only rows of the ledger that change; none ever goes.
REVOKE DELETE ON ledger_balances FROM :"app";

-- /readyz reads which migration was the last; only the owner migrates.
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM :"app";

COMMIT;
