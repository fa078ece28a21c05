-- why: the ground that resources stand on: the divisions of the district, and where its people live.
--
-- A division is often known by code and name alone; its area may come later, or never.

CREATE TABLE division (
    code            TEXT PRIMARY KEY CHECK (length(code) = 12 AND code NOT GLOB '*[^0-9]*'),
    revision        INTEGER NOT NULL CHECK (revision > 0),
    public_revision INTEGER NOT NULL CHECK (0 <= public_revision AND public_revision <= revision),
    doc             TEXT NOT NULL CHECK (json_valid(doc) AND doc ->> '$.code' = code),
    name            TEXT NOT NULL GENERATED ALWAYS AS (doc ->> '$.name') VIRTUAL,
    name_en         TEXT GENERATED ALWAYS AS (doc ->> '$.name_en') VIRTUAL,
    level           TEXT NOT NULL GENERATED ALWAYS AS (doc ->> '$.level') VIRTUAL
                    CHECK (level IN ('city', 'district', 'town', 'village')),
    synthetic       INTEGER NOT NULL GENERATED ALWAYS AS (doc ->> '$.synthetic') VIRTUAL
                    CHECK (synthetic IN (0, 1))
) STRICT;

CREATE TABLE demand (
    id              TEXT PRIMARY KEY,
    revision        INTEGER NOT NULL CHECK (revision > 0),
    public_revision INTEGER NOT NULL CHECK (0 <= public_revision AND public_revision <= revision),
    doc             TEXT NOT NULL CHECK (json_valid(doc) AND doc ->> '$.id' = id),
    population      REAL NOT NULL GENERATED ALWAYS AS (doc ->> '$.population') VIRTUAL CHECK (population >= 0),
    division        TEXT GENERATED ALWAYS AS (doc ->> '$.division') VIRTUAL CHECK (length(division) = 12),
    lon             REAL NOT NULL GENERATED ALWAYS AS (doc ->> '$.position[0]') VIRTUAL
                    CHECK (lon BETWEEN -180 AND 180),
    lat             REAL NOT NULL GENERATED ALWAYS AS (doc ->> '$.position[1]') VIRTUAL
                    CHECK (lat BETWEEN -90 AND 90),
    synthetic       INTEGER NOT NULL GENERATED ALWAYS AS (doc ->> '$.synthetic') VIRTUAL
                    CHECK (synthetic IN (0, 1))
) STRICT;
