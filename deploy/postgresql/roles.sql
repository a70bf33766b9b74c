-- The two roles and the database, made once by an administrator of PostgreSQL:
--
--     psql -v owner_password="'…'" -v app_password="'…'" -f roles.sql
--
-- ivig_owner owns the tables and is for `manage.py prepare` and `manage.py restore` alone (DATABASE_OWNER_URL); pages
-- and jobs work as ivig_app (DATABASE_URL), which can change rows and nothing else. What ivig_app may do to each table
-- is granted by `prepare`, after each upgrade anew.
\set ON_ERROR_STOP on
CREATE ROLE ivig_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :owner_password;
CREATE ROLE ivig_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :app_password;
CREATE DATABASE ivig OWNER ivig_owner ENCODING 'UTF8' TEMPLATE template0;
-- Where `manage.py drill` restores a backup to prove it, and which it empties again.
CREATE DATABASE ivig_drill OWNER ivig_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE ivig_drill FROM PUBLIC;
REVOKE ALL ON DATABASE ivig FROM PUBLIC;
GRANT CONNECT ON DATABASE ivig TO ivig_app;
\connect ivig
ALTER SCHEMA public OWNER TO ivig_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
\connect ivig_drill
ALTER SCHEMA public OWNER TO ivig_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
