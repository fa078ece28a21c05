-- why: shelters, stores, teams and sites as they are now, in columns that a person with SQL can read.
--
-- `doc` is the resource, whole. Every other descriptive column is computed from it, so that a column can not disagree with
-- the document; closed words in columns are checked here, so that no other hand can write a word that nobody can read back.
-- Lists of words follow `src/domain`; a new word there needs a migration here.

CREATE TABLE resource (
    id               TEXT PRIMARY KEY,
    revision         INTEGER NOT NULL CHECK (revision > 0),
    public_revision  INTEGER NOT NULL CHECK (0 <= public_revision AND public_revision <= revision),
    doc              TEXT NOT NULL CHECK (json_valid(doc) AND doc ->> '$.id' = id),
    kind             TEXT NOT NULL GENERATED ALWAYS AS (doc ->> '$.detail.kind') VIRTUAL
                     CHECK (kind IN ('shelter', 'warehouse', 'storage_point', 'team', 'site')),
    code             TEXT NOT NULL GENERATED ALWAYS AS (doc ->> '$.code') VIRTUAL,
    name             TEXT NOT NULL GENERATED ALWAYS AS (doc ->> '$.name.zh') VIRTUAL,
    name_en          TEXT GENERATED ALWAYS AS (doc ->> '$.name.en') VIRTUAL,
    division         TEXT GENERATED ALWAYS AS (doc ->> '$.division') VIRTUAL
                     CHECK (length(division) = 12),
    level            TEXT GENERATED ALWAYS AS (doc ->> '$.level') VIRTUAL
                     CHECK (level IN ('city', 'district', 'town', 'village')),
    lifecycle        TEXT NOT NULL GENERATED ALWAYS AS (doc ->> '$.lifecycle') VIRTUAL
                     CHECK (lifecycle IN ('planned', 'under_construction', 'in_service', 'suspended', 'retired')),
    visibility       TEXT NOT NULL GENERATED ALWAYS AS (doc ->> '$.visibility') VIRTUAL
                     CHECK (visibility IN ('public', 'operational')),
    synthetic        INTEGER NOT NULL GENERATED ALWAYS AS (doc ->> '$.synthetic') VIRTUAL
                     CHECK (synthetic IN (0, 1)),
    lon              REAL NOT NULL GENERATED ALWAYS AS (doc ->> '$.place.position[0]') VIRTUAL
                     CHECK (lon BETWEEN -180 AND 180),
    lat              REAL NOT NULL GENERATED ALWAYS AS (doc ->> '$.place.position[1]') VIRTUAL
                     CHECK (lat BETWEEN -90 AND 90),
    status           TEXT GENERATED ALWAYS AS (doc ->> '$.detail.status') VIRTUAL
                     CHECK (status IN ('closed', 'preparing', 'open', 'full', 'closing')),
    capacity         INTEGER GENERATED ALWAYS AS (doc ->> '$.detail.capacity.persons') VIRTUAL CHECK (capacity >= 0),
    capacity_quality TEXT GENERATED ALWAYS AS (doc ->> '$.detail.capacity.quality') VIRTUAL
                     CHECK (capacity_quality IN ('stated', 'derived', 'unknown')),
    occupied         INTEGER GENERATED ALWAYS AS (doc ->> '$.detail.occupancy.occupied') VIRTUAL CHECK (occupied >= 0)
) STRICT;

CREATE UNIQUE INDEX resource_kind_code ON resource (kind, code);
