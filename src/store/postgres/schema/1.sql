CREATE TABLE IF NOT EXISTS {prefix}_data (
    id                  bytea  PRIMARY KEY,
    auth_version        bigint NOT NULL,
    auth                bytea  NOT NULL,
    application_version bigint NOT NULL DEFAULT 0,
    application         bytea,
    key_id              bytea  NOT NULL,
    session_key         bytea  NOT NULL,
    sid_key             bytea  NOT NULL,
    sub_key             bytea  NOT NULL,
    summary             bytea  NOT NULL,
    expires_at          bigint NOT NULL
);
-- Sealed content does not compress.
ALTER TABLE {prefix}_data ALTER COLUMN auth SET STORAGE EXTERNAL;
ALTER TABLE {prefix}_data ALTER COLUMN application SET STORAGE EXTERNAL;
-- Each request reads the whole row: what fits into its page stays there.
ALTER TABLE {prefix}_data SET (toast_tuple_target = 8160);
CREATE INDEX IF NOT EXISTS {index}_data_session ON {prefix}_data (session_key);
CREATE INDEX IF NOT EXISTS {index}_data_sid ON {prefix}_data (sid_key);
CREATE INDEX IF NOT EXISTS {index}_data_sub ON {prefix}_data (sub_key);
CREATE INDEX IF NOT EXISTS {index}_data_expires_at ON {prefix}_data (expires_at);

CREATE TABLE IF NOT EXISTS {prefix}_markers (
    key                 bytea  PRIMARY KEY,
    begun_after         bigint NOT NULL,
    authenticated_after bigint NOT NULL,
    until               bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS {index}_markers_until ON {prefix}_markers (until);

CREATE TABLE IF NOT EXISTS {prefix}_remembered (
    key   bytea  PRIMARY KEY,
    until bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS {index}_remembered_until ON {prefix}_remembered (until);

CREATE TABLE IF NOT EXISTS {prefix}_locks (
    key    bytea       PRIMARY KEY,
    holder bytea       NOT NULL,
    until  timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS {index}_locks_until ON {prefix}_locks (until);

CREATE TABLE IF NOT EXISTS {prefix}_version (
    version  bigint  NOT NULL,
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row)
);
