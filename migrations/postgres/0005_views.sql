-- why: one layer per kind for people who look with SQL or draw with QGIS, safe to grant to anybody.
--
-- The views hold public resources only, and neither contacts, remarks nor the names of verifiers; `security_barrier`
-- keeps a clever WHERE clause from looking at the rows that are left out. Whoever may see more is granted `resource`.
-- They are for looking: the program never reads them. Unknown is NULL, never zero. In QGIS choose `id` as the key.

CREATE VIEW shelter WITH (security_barrier) AS
SELECT
    id,
    code,
    name,
    name_en,
    division,
    doc ->> 'address' AS address,
    level,
    lifecycle,
    status,
    capacity,
    capacity_quality,
    occupied,
    (doc #> '{detail,occupancy,reserved}')::bigint AS reserved,
    (doc #> '{detail,occupancy,blocked}')::bigint AS blocked,
    CASE WHEN capacity IS NOT NULL THEN greatest(capacity - coalesce(occupied, 0)
        - coalesce((doc #> '{detail,occupancy,reserved}')::bigint, 0)
        - coalesce((doc #> '{detail,occupancy,blocked}')::bigint, 0), 0) END AS free_places,
    doc #>> '{detail,standing}' AS standing,
    doc #>> '{detail,duration}' AS duration,
    doc #>> '{detail,space}' AS space,
    doc #>> '{detail,function}' AS function,
    doc #>> '{detail,hazards}' AS hazards,
    doc #>> '{detail,facilities}' AS facilities,
    (doc #> '{detail,area_m2}')::double precision AS area_m2,
    (doc #> '{detail,accessible}')::boolean AS accessible,
    (doc #> '{detail,pets}')::boolean AS pets,
    doc #>> '{detail,legacy_class}' AS legacy_class,
    doc #>> '{parties,administration}' AS administration_department,
    doc #>> '{parties,management}' AS management_unit,
    doc #>> '{parties,operation}' AS operation_unit,
    doc ->> 'source' AS source,
    (doc #>> '{observations,record,observed_at}')::timestamptz AS observed_at,
    synthetic,
    location,
    geom
FROM resource
WHERE kind = 'shelter' AND visibility = 'public';

CREATE VIEW warehouse WITH (security_barrier) AS
SELECT
    id,
    code,
    name,
    name_en,
    division,
    doc ->> 'address' AS address,
    level,
    lifecycle,
    doc #>> '{detail,tier}' AS tier,
    (doc #> '{detail,area_m2}')::double precision AS area_m2,
    (doc #> '{detail,volume_m3}')::double precision AS volume_m3,
    doc #>> '{detail,stock}' AS stock,
    doc #>> '{parties,administration}' AS administration_department,
    doc #>> '{parties,management}' AS management_unit,
    doc #>> '{parties,operation}' AS operation_unit,
    doc ->> 'source' AS source,
    (doc #>> '{observations,record,observed_at}')::timestamptz AS observed_at,
    synthetic,
    location,
    geom
FROM resource
WHERE kind = 'warehouse' AND visibility = 'public';

CREATE VIEW storage_point WITH (security_barrier) AS
SELECT
    id,
    code,
    name,
    name_en,
    division,
    doc ->> 'address' AS address,
    level,
    lifecycle,
    doc #>> '{detail,tier}' AS tier,
    (doc #> '{detail,area_m2}')::double precision AS area_m2,
    (doc #> '{detail,volume_m3}')::double precision AS volume_m3,
    doc #>> '{detail,stock}' AS stock,
    doc #>> '{parties,administration}' AS administration_department,
    doc #>> '{parties,management}' AS management_unit,
    doc #>> '{parties,operation}' AS operation_unit,
    doc ->> 'source' AS source,
    (doc #>> '{observations,record,observed_at}')::timestamptz AS observed_at,
    synthetic,
    location,
    geom
FROM resource
WHERE kind = 'storage_point' AND visibility = 'public';

CREATE VIEW team WITH (security_barrier) AS
SELECT
    id,
    code,
    name,
    name_en,
    division,
    doc ->> 'address' AS address,
    level,
    lifecycle,
    doc #>> '{detail,category}' AS category,
    doc #>> '{detail,readiness}' AS readiness,
    (doc #> '{detail,headcount}')::bigint AS headcount,
    doc #>> '{detail,capabilities}' AS capabilities,
    doc #>> '{detail,equipment}' AS equipment,
    doc #>> '{parties,administration}' AS administration_department,
    doc #>> '{parties,management}' AS management_unit,
    doc #>> '{parties,operation}' AS operation_unit,
    doc ->> 'source' AS source,
    (doc #>> '{observations,record,observed_at}')::timestamptz AS observed_at,
    synthetic,
    location,
    geom
FROM resource
WHERE kind = 'team' AND visibility = 'public';

CREATE VIEW site WITH (security_barrier) AS
SELECT
    id,
    code,
    name,
    name_en,
    division,
    doc ->> 'address' AS address,
    level,
    lifecycle,
    doc #>> '{detail,class}' AS class,
    doc #>> '{parties,administration}' AS administration_department,
    doc #>> '{parties,management}' AS management_unit,
    doc #>> '{parties,operation}' AS operation_unit,
    doc ->> 'source' AS source,
    (doc #>> '{observations,record,observed_at}')::timestamptz AS observed_at,
    synthetic,
    location,
    geom
FROM resource
WHERE kind = 'site' AND visibility = 'public';
