-- why: shelters, stores, teams and sites as they are now, in columns that a person with SQL or QGIS can read.
--
-- `doc` is the resource, whole. Every other descriptive column is computed from it, so that a column can not disagree with
-- the document; closed words in columns are checked here, so that no other hand can write a word that nobody can read back.
-- Lists of words follow `src/domain`; a new word there needs a migration here.
--
-- `geom` is the footprint, or the point where no footprint is known; it is written beside `doc` by the program (and the
-- contract suite compares the two). `location` is the point that stands for the resource, on the ellipsoid: distances
-- from it are in metres.

CREATE TABLE resource (
    id               text COLLATE "C" PRIMARY KEY,
    revision         bigint NOT NULL CHECK (revision > 0),
    public_revision  bigint NOT NULL CHECK (0 <= public_revision AND public_revision <= revision),
    doc              jsonb NOT NULL CHECK (doc ->> 'id' = id),
    kind             text NOT NULL GENERATED ALWAYS AS (doc -> 'detail' ->> 'kind') STORED
                     CHECK (kind IN ('shelter', 'warehouse', 'storage_point', 'team', 'site')),
    code             text COLLATE "C" NOT NULL GENERATED ALWAYS AS (doc ->> 'code') STORED,
    name             text NOT NULL GENERATED ALWAYS AS (doc -> 'name' ->> 'zh') STORED,
    name_en          text GENERATED ALWAYS AS (doc -> 'name' ->> 'en') STORED,
    division         text GENERATED ALWAYS AS (doc ->> 'division') STORED
                     CHECK (length(division) = 12),
    level            text GENERATED ALWAYS AS (doc ->> 'level') STORED
                     CHECK (level IN ('city', 'district', 'town', 'village')),
    lifecycle        text NOT NULL GENERATED ALWAYS AS (doc ->> 'lifecycle') STORED
                     CHECK (lifecycle IN ('planned', 'under_construction', 'in_service', 'suspended', 'retired')),
    visibility       text NOT NULL GENERATED ALWAYS AS (doc ->> 'visibility') STORED
                     CHECK (visibility IN ('public', 'operational')),
    synthetic        boolean NOT NULL GENERATED ALWAYS AS ((doc -> 'synthetic')::boolean) STORED,
    status           text GENERATED ALWAYS AS (doc -> 'detail' ->> 'status') STORED
                     CHECK (status IN ('closed', 'preparing', 'open', 'full', 'closing')),
    capacity         bigint GENERATED ALWAYS AS ((doc #> '{detail,capacity,persons}')::bigint) STORED
                     CHECK (capacity >= 0),
    capacity_quality text GENERATED ALWAYS AS (doc #>> '{detail,capacity,quality}') STORED
                     CHECK (capacity_quality IN ('stated', 'derived', 'unknown')),
    occupied         bigint GENERATED ALWAYS AS ((doc #> '{detail,occupancy,occupied}')::bigint) STORED
                     CHECK (occupied >= 0),
    location         geography(Point, 4326) NOT NULL GENERATED ALWAYS AS (
                         ST_SetSRID(ST_MakePoint((doc #> '{place,position,0}')::double precision,
                                                 (doc #> '{place,position,1}')::double precision), 4326)::geography
                     ) STORED,
    geom             geometry(Geometry, 4326) NOT NULL
);

CREATE UNIQUE INDEX resource_kind_code ON resource (kind, code);
CREATE INDEX resource_division ON resource (division);
CREATE INDEX resource_geom ON resource USING gist (geom);
CREATE INDEX resource_location ON resource USING gist (location);
