-- why: the ground that resources stand on: the divisions of the district, and where its people live.
--
-- A division is often known by code and name alone; its area may come later, or never.

CREATE TABLE division (
    code            text COLLATE "C" PRIMARY KEY CHECK (code ~ '^[0-9]{12}$'),
    revision        bigint NOT NULL CHECK (revision > 0),
    public_revision bigint NOT NULL CHECK (0 <= public_revision AND public_revision <= revision),
    doc             jsonb NOT NULL CHECK (doc ->> 'code' = code),
    name            text NOT NULL GENERATED ALWAYS AS (doc ->> 'name') STORED,
    name_en         text GENERATED ALWAYS AS (doc ->> 'name_en') STORED,
    level           text NOT NULL GENERATED ALWAYS AS (doc ->> 'level') STORED
                    CHECK (level IN ('city', 'district', 'town', 'village')),
    synthetic       boolean NOT NULL GENERATED ALWAYS AS ((doc -> 'synthetic')::boolean) STORED,
    geom            geometry(MultiPolygon, 4326)
);

CREATE INDEX division_geom ON division USING gist (geom);

CREATE TABLE demand (
    id              text COLLATE "C" PRIMARY KEY,
    revision        bigint NOT NULL CHECK (revision > 0),
    public_revision bigint NOT NULL CHECK (0 <= public_revision AND public_revision <= revision),
    doc             jsonb NOT NULL CHECK (doc ->> 'id' = id),
    population      double precision NOT NULL GENERATED ALWAYS AS ((doc -> 'population')::double precision) STORED
                    CHECK (population >= 0),
    division        text GENERATED ALWAYS AS (doc ->> 'division') STORED CHECK (length(division) = 12),
    synthetic       boolean NOT NULL GENERATED ALWAYS AS ((doc -> 'synthetic')::boolean) STORED,
    geom            geometry(Point, 4326) NOT NULL
);

CREATE INDEX demand_geom ON demand USING gist (geom);
