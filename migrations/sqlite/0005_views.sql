-- why: one table per kind for people who look with SQL or draw with QGIS, safe to show to anybody.
--
-- The views hold public resources only, and neither contacts, remarks nor the names of verifiers. Whoever may see more
-- reads `resource`. They are for looking: the program never reads them. Unknown is NULL, never zero.

CREATE VIEW shelter AS
SELECT
    id,
    code,
    name,
    name_en,
    division,
    doc ->> '$.address' AS address,
    level,
    lifecycle,
    status,
    capacity,
    capacity_quality,
    occupied,
    doc ->> '$.detail.occupancy.reserved' AS reserved,
    doc ->> '$.detail.occupancy.blocked' AS blocked,
    max(capacity - coalesce(occupied, 0) - coalesce(doc ->> '$.detail.occupancy.reserved', 0)
        - coalesce(doc ->> '$.detail.occupancy.blocked', 0), 0) AS free_places,
    doc ->> '$.detail.standing' AS standing,
    doc ->> '$.detail.duration' AS duration,
    doc ->> '$.detail.space' AS space,
    doc ->> '$.detail.function' AS function,
    doc ->> '$.detail.hazards' AS hazards,
    doc ->> '$.detail.facilities' AS facilities,
    doc ->> '$.detail.area_m2' AS area_m2,
    doc ->> '$.detail.accessible' AS accessible,
    doc ->> '$.detail.pets' AS pets,
    doc ->> '$.detail.legacy_class' AS legacy_class,
    doc ->> '$.parties.administration' AS administration_department,
    doc ->> '$.parties.management' AS management_unit,
    doc ->> '$.parties.operation' AS operation_unit,
    doc ->> '$.source' AS source,
    doc ->> '$.observations.record.observed_at' AS observed_at,
    synthetic,
    lon,
    lat
FROM resource
WHERE kind = 'shelter' AND visibility = 'public';

CREATE VIEW warehouse AS
SELECT
    id,
    code,
    name,
    name_en,
    division,
    doc ->> '$.address' AS address,
    level,
    lifecycle,
    doc ->> '$.detail.tier' AS tier,
    doc ->> '$.detail.area_m2' AS area_m2,
    doc ->> '$.detail.volume_m3' AS volume_m3,
    doc ->> '$.detail.stock' AS stock,
    doc ->> '$.parties.administration' AS administration_department,
    doc ->> '$.parties.management' AS management_unit,
    doc ->> '$.parties.operation' AS operation_unit,
    doc ->> '$.source' AS source,
    doc ->> '$.observations.record.observed_at' AS observed_at,
    synthetic,
    lon,
    lat
FROM resource
WHERE kind = 'warehouse' AND visibility = 'public';

CREATE VIEW storage_point AS
SELECT
    id,
    code,
    name,
    name_en,
    division,
    doc ->> '$.address' AS address,
    level,
    lifecycle,
    doc ->> '$.detail.tier' AS tier,
    doc ->> '$.detail.area_m2' AS area_m2,
    doc ->> '$.detail.volume_m3' AS volume_m3,
    doc ->> '$.detail.stock' AS stock,
    doc ->> '$.parties.administration' AS administration_department,
    doc ->> '$.parties.management' AS management_unit,
    doc ->> '$.parties.operation' AS operation_unit,
    doc ->> '$.source' AS source,
    doc ->> '$.observations.record.observed_at' AS observed_at,
    synthetic,
    lon,
    lat
FROM resource
WHERE kind = 'storage_point' AND visibility = 'public';

CREATE VIEW team AS
SELECT
    id,
    code,
    name,
    name_en,
    division,
    doc ->> '$.address' AS address,
    level,
    lifecycle,
    doc ->> '$.detail.category' AS category,
    doc ->> '$.detail.readiness' AS readiness,
    doc ->> '$.detail.headcount' AS headcount,
    doc ->> '$.detail.capabilities' AS capabilities,
    doc ->> '$.detail.equipment' AS equipment,
    doc ->> '$.parties.administration' AS administration_department,
    doc ->> '$.parties.management' AS management_unit,
    doc ->> '$.parties.operation' AS operation_unit,
    doc ->> '$.source' AS source,
    doc ->> '$.observations.record.observed_at' AS observed_at,
    synthetic,
    lon,
    lat
FROM resource
WHERE kind = 'team' AND visibility = 'public';

CREATE VIEW site AS
SELECT
    id,
    code,
    name,
    name_en,
    division,
    doc ->> '$.address' AS address,
    level,
    lifecycle,
    doc ->> '$.detail.class' AS class,
    doc ->> '$.parties.administration' AS administration_department,
    doc ->> '$.parties.management' AS management_unit,
    doc ->> '$.parties.operation' AS operation_unit,
    doc ->> '$.source' AS source,
    doc ->> '$.observations.record.observed_at' AS observed_at,
    synthetic,
    lon,
    lat
FROM resource
WHERE kind = 'site' AND visibility = 'public';
