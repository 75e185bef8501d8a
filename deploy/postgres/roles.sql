-- The three roles and the database. Run by a superuser with psql, as often as you like: by the bundled
-- PostgreSQL at each start, by docker-compose on the first one, by hand for a managed server.
-- Passwords come from the environment; without them (sockets that only we can open) the roles have none.
\set ON_ERROR_STOP on
\set QUIET on
\getenv owner_password UPWARD_OWNER_PASSWORD
\getenv app_password UPWARD_APP_PASSWORD
\getenv system_password UPWARD_SYSTEM_PASSWORD

-- Owns the tables and migrates them: row level security must not hide rows from a data migration or a backup.
SELECT 'CREATE ROLE upward_owner LOGIN CREATEDB BYPASSRLS'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'upward_owner') \gexec
-- Serves pages and runs tasks: held by row level security everywhere.
SELECT 'CREATE ROLE upward_app LOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'upward_app') \gexec
-- Looks across organizations: the scheduler's loop and backups.
SELECT 'CREATE ROLE upward_system LOGIN BYPASSRLS'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'upward_system') \gexec

\if :{?owner_password}
ALTER ROLE upward_owner PASSWORD :'owner_password';
\endif
\if :{?app_password}
ALTER ROLE upward_app PASSWORD :'app_password';
\endif
\if :{?system_password}
ALTER ROLE upward_system PASSWORD :'system_password';
\endif

-- MAINTAIN: after an import the application brings the planner's statistics up to date (ANALYZE).
SELECT CASE WHEN current_setting('server_version_num')::int >= 170000 THEN ', MAINTAIN' ELSE '' END AS maintain \gset

-- In template1 too, so that databases made later (tests, restores) have the same rights.
-- TRUNCATE is not among them: row level security does not hold it back.
\connect template1
ALTER DEFAULT PRIVILEGES FOR ROLE upward_owner
    GRANT SELECT, INSERT, UPDATE, DELETE:maintain ON TABLES TO upward_app, upward_system;
ALTER DEFAULT PRIVILEGES FOR ROLE upward_owner
    GRANT USAGE, SELECT ON SEQUENCES TO upward_app, upward_system;

SELECT 'CREATE DATABASE upward OWNER upward_owner'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'upward') \gexec
\connect upward
ALTER DEFAULT PRIVILEGES FOR ROLE upward_owner
    GRANT SELECT, INSERT, UPDATE, DELETE:maintain ON TABLES TO upward_app, upward_system;
ALTER DEFAULT PRIVILEGES FOR ROLE upward_owner
    GRANT USAGE, SELECT ON SEQUENCES TO upward_app, upward_system;
REVOKE CONNECT ON DATABASE upward FROM PUBLIC;
GRANT CONNECT ON DATABASE upward TO upward_app, upward_system;
