//! Small files of every format, made by writers that are not ours where there are any. All invented.

use bihu::domain::{Crs, Kind};
use bihu::exchange::{DecodeError, Decoded, Format, Reading, Target, decode, decode_with};
use flatgeobuf::geozero::{ColumnValue, PropertyProcessor};
use std::io::{Cursor, Write};

/// Shelters.
pub const SHELTER: Target = Target::Resource(Kind::Shelter);

/// Headers of the small table.
pub const HEADERS: [&str; 5] = ["编码", "名称", "经度", "纬度", "容量"];

/// Its rows: code, name, longitude, latitude, capacity.
pub const ROWS: [(&str, &str, f64, f64, u32); 3] = [
    ("S-1", "示例一号避难所", 121.201, 31.001, 120),
    ("S-2", "示例二号避难所", 121.202, 31.002, 0),
    ("S-3", "示例三号避难所", 121.2034567, 31.0034567, 1500),
];

/// Decodes a file as shelters in WGS84.
pub fn shelters(bytes: &[u8], format: Format) -> Result<Decoded, DecodeError> {
    decode(bytes, format, SHELTER, &Crs::WGS84)
}

/// Decodes one layer.
pub fn layer(bytes: &[u8], format: Format, layer: &str) -> Result<Decoded, DecodeError> {
    let reading = Reading { layer: Some(layer.to_owned()), ..Reading::new(format, SHELTER, &Crs::WGS84) };
    decode_with(bytes, &reading)
}

/// Asserts that the three rows were read, each to the last digit.
pub fn assert_rows(decoded: &Decoded) {
    assert_eq!(decoded.drafts.len(), ROWS.len(), "{decoded:?}");
    for (draft, (code, name, lon, lat, capacity)) in decoded.drafts.iter().zip(ROWS) {
        assert_eq!(draft.violations, [], "{draft:?}");
        let p = &draft.patch;
        assert_eq!((p["code"].as_str(), p["name"].as_str()), (Some(code), Some(name)));
        assert_eq!((p["lon"].as_f64(), p["lat"].as_f64()), (Some(lon), Some(lat)), "{code}");
        assert_eq!(p["capacity"].as_u64(), Some(u64::from(capacity)), "{code}");
    }
}

/// A zip of entries.
pub fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).expect("an entry");
        zip.write_all(bytes).expect("bytes");
    }
    zip.finish().expect("a zip").into_inner()
}

/// An XLSX of the small table.
pub fn xlsx() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, header) in (0..).zip(HEADERS) {
        sheet.write(0, column, header).expect("a header");
    }
    for (row, (code, name, lon, lat, capacity)) in (1..).zip(ROWS) {
        sheet.write(row, 0, code).expect("a cell");
        sheet.write(row, 1, name).expect("a cell");
        sheet.write(row, 2, lon).expect("a cell");
        sheet.write(row, 3, lat).expect("a cell");
        sheet.write(row, 4, capacity).expect("a cell");
    }
    book.save_to_buffer().expect("a workbook")
}

/// A cell of an XLS.
pub enum Xls<'a> {
    /// Text among the shared strings.
    Text(&'a str),
    /// A number with a style: 0 plain, 1 a date.
    Number(f64, u16),
    /// A flag.
    Flag(bool),
    /// #N/A.
    Error,
    /// A formula that comes to a text.
    Formula(&'a str),
}

/// An XLS of one sheet, BIFF8 in a compound file.
pub fn xls_of(name: &str, rows: &[Vec<Xls<'_>>]) -> Vec<u8> {
    let record = |kind: u16, data: &[u8]| {
        let mut out = kind.to_le_bytes().to_vec();
        out.extend((data.len() as u16).to_le_bytes());
        out.extend(data);
        out
    };
    let wide = |text: &str| {
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut out = (text.encode_utf16().count() as u16).to_le_bytes().to_vec();
        out.push(1);
        out.extend(units);
        out
    };
    let bof = |what: u16| record(0x0809, &[0x0600_u16, what, 0, 0, 0, 0, 0, 0].map(u16::to_le_bytes).concat());
    let mut strings: Vec<&str> = Vec::new();
    let mut sheet = bof(0x10);
    for (r, cells) in (0_u16..).zip(rows) {
        for (c, cell) in (0_u16..).zip(cells) {
            let at = |style: u16| [r, c, style].map(u16::to_le_bytes).concat();
            sheet.extend(match cell {
                Xls::Text(text) => {
                    strings.push(text);
                    record(0x00fd, &[at(0), (strings.len() as u32 - 1).to_le_bytes().to_vec()].concat())
                }
                Xls::Number(n, style) => record(0x0203, &[at(*style), n.to_le_bytes().to_vec()].concat()),
                Xls::Flag(flag) => record(0x0205, &[at(0), vec![u8::from(*flag), 0]].concat()),
                Xls::Error => record(0x0205, &[at(0), vec![0x2a, 1]].concat()),
                Xls::Formula(text) => {
                    let value = [0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 3, 0, 0x1e, 1, 0].to_vec();
                    [record(0x0006, &[at(0), value].concat()), record(0x0207, &wide(text))].concat()
                }
            });
        }
    }
    sheet.extend(record(0x000a, &[]));
    let mut sst = [(strings.len() as u32).to_le_bytes(); 2].concat();
    strings.iter().for_each(|text| sst.extend(wide(text)));
    let formats =
        [0_u16, 14].map(|format| record(0x00e0, &[vec![0, 0], format.to_le_bytes().to_vec(), vec![0; 16]].concat()));
    let globals = |start: u32| {
        let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let head = [start.to_le_bytes().to_vec(), vec![0, 0, (units.len() / 2) as u8, 1], units].concat();
        [bof(5), formats.concat(), record(0x0085, &head), record(0x00fc, &sst), record(0x000a, &[])].concat()
    };
    let start = globals(0).len() as u32;
    compound("Workbook", &[globals(start), sheet].concat())
}

/// A compound file of one stream, in sectors of 512 bytes.
pub fn compound(name: &str, stream: &[u8]) -> Vec<u8> {
    let mut stream = stream.to_vec();
    // Short streams lie elsewhere; a long one of nothing is as good.
    stream.resize(stream.len().max(4096), 0);
    let len = stream.len() as u32;
    stream.resize(stream.len().next_multiple_of(512), 0);
    let sectors = (stream.len() / 512) as u32;
    let fats = (sectors + 2).div_ceil(127);
    let mut fat: Vec<u32> = (0..fats).map(|_| 0xffff_fffd).collect();
    fat.push(0xffff_fffe);
    let first = fats + 1;
    fat.extend((1..sectors).map(|i| first + i));
    fat.push(0xffff_fffe);
    fat.resize(fats as usize * 128, 0xffff_ffff);
    let mut out = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    out.extend([0; 16]);
    out.extend([0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0, 0, 0, 0, 0, 0, 0].iter());
    for word in [0, fats, fats, 0, 4096, 0xffff_fffe, 0, 0xffff_fffe, 0] {
        out.extend(u32::to_le_bytes(word));
    }
    (0..109).for_each(|i| out.extend(u32::to_le_bytes(if i < fats { i } else { 0xffff_ffff })));
    fat.iter().for_each(|word| out.extend(word.to_le_bytes()));
    for (name, kind, start, len) in [("Root Entry", 5_u8, 0xffff_fffe_u32, 0_u32), (name, 2, first, len)] {
        let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let bytes = entry.len() as u16 + 2;
        entry.resize(64, 0);
        entry.extend(bytes.to_le_bytes());
        entry.extend([kind, 1]);
        let child = if kind == 5 { 1_u32 } else { 0xffff_ffff };
        [0xffff_ffff, 0xffff_ffff, child].iter().for_each(|id| entry.extend(id.to_le_bytes()));
        entry.resize(116, 0);
        entry.extend(start.to_le_bytes());
        entry.extend(len.to_le_bytes());
        entry.resize(128, 0);
        out.extend(entry);
    }
    out.resize(out.len().next_multiple_of(512), 0);
    out.extend(stream);
    out
}

/// An XLS of the small table.
pub fn xls() -> Vec<u8> {
    let mut rows = vec![HEADERS.map(Xls::Text).into_iter().collect::<Vec<_>>()];
    rows.extend(ROWS.map(|(code, name, lon, lat, capacity)| {
        let number = |n| Xls::Number(n, 0);
        vec![Xls::Text(code), Xls::Text(name), number(lon), number(lat), number(f64::from(capacity))]
    }));
    xls_of("避难场所", &rows)
}

/// A column of a .dbf: name, type, width.
pub type Column<'a> = (&'a [u8], u8, u8);

/// A .dbf of raw bytes.
pub fn dbf(columns: &[Column<'_>], rows: &[Vec<Vec<u8>>]) -> Vec<u8> {
    let width: usize = 1 + columns.iter().map(|(_, _, w)| usize::from(*w)).sum::<usize>();
    let mut out = vec![3, 126, 1, 1];
    out.extend((rows.len() as u32).to_le_bytes());
    out.extend(((33 + 32 * columns.len()) as u16).to_le_bytes());
    out.extend((width as u16).to_le_bytes());
    out.resize(32, 0);
    for (name, kind, width) in columns {
        let mut field = name.to_vec();
        field.resize(11, 0);
        field.push(*kind);
        field.resize(16, 0);
        field.push(*width);
        field.resize(32, 0);
        out.extend(field);
    }
    out.push(0x0d);
    for row in rows {
        out.push(b' ');
        for ((_, _, width), cell) in columns.iter().zip(row) {
            let mut cell = cell.clone();
            cell.resize(usize::from(*width), b' ');
            out.extend(cell);
        }
    }
    out.push(0x1a);
    out
}

/// A .shp of points.
pub fn shp(points: &[(f64, f64)]) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let mut writer = shapefile::ShapeWriter::new(&mut out);
    points.iter().for_each(|(x, y)| writer.write_shape(&shapefile::Point::new(*x, *y)).expect("a shape"));
    writer.finalize().expect("an end");
    drop(writer);
    out.into_inner()
}

/// The .shp and .dbf of the small table, in an encoding.
pub fn shape_parts(encoding: &'static encoding_rs::Encoding) -> (Vec<u8>, Vec<u8>) {
    let bytes = |text: &str| encoding.encode(text).0.into_owned();
    let names: Vec<Vec<u8>> = ["编码", "名称", "容量"].map(bytes).into();
    let columns = [(&names[0][..], b'C', 10), (&names[1][..], b'C', 40), (&names[2][..], b'N', 10)];
    let rows: Vec<Vec<Vec<u8>>> = ROWS
        .map(|(code, name, _, _, capacity)| vec![bytes(code), bytes(name), format!("{capacity:>10}").into_bytes()])
        .into();
    (shp(&ROWS.map(|(_, _, lon, lat, _)| (lon, lat))), dbf(&columns, &rows))
}

/// WGS84 as a .prj says it.
pub const PRJ: &str = "GEOGCS[\"GCS_WGS_1984\",DATUM[\"D_WGS_1984\",SPHEROID[\"WGS_1984\",6378137.0,298.257223563]],PRIMEM[\"Greenwich\",0.0],UNIT[\"Degree\",0.0174532925199433]]";

/// A zip of one shapefile of the small table, in GBK.
pub fn shapefile() -> Vec<u8> {
    let (shp, dbf) = shape_parts(encoding_rs::GBK);
    zipped(&[("示例/shelters.SHP", &shp), ("示例/shelters.dbf", &dbf), ("示例/shelters.prj", PRJ.as_bytes())])
}

/// Runs a database to its end.
pub fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
}

/// A GeoPackage blob of a point.
pub fn gpkg_point(lon: f64, lat: f64) -> Vec<u8> {
    let mut out = b"GP\x00\x01".to_vec();
    out.extend(4326_i32.to_le_bytes());
    out.extend([1, 1, 0, 0, 0]);
    out.extend(lon.to_le_bytes());
    out.extend(lat.to_le_bytes());
    out
}

/// Statements that make an empty GeoPackage with one layer named shelters.
pub const GPKG: &str = "
    CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY, organization TEXT,
        organization_coordsys_id INTEGER, definition TEXT, description TEXT);
    CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, identifier TEXT, srs_id INTEGER);
    CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT, srs_id INTEGER, z INTEGER, m INTEGER);
    INSERT INTO gpkg_spatial_ref_sys VALUES ('WGS 84', 4326, 'EPSG', 4326, 'GEOGCS[...]', ''), ('?', 0, 'NONE', 0, 'undefined', ''),
        ('CGCS2000 GK 3 120', 4549, 'EPSG', 4549, '', ''), ('odd', 32651, 'EPSG', 32651, 'PROJCS[\"WGS 84 / UTM zone 51N\"]', '');
    INSERT INTO gpkg_contents VALUES ('shelters', 'features', 'shelters', 4326);
    INSERT INTO gpkg_geometry_columns VALUES ('shelters', 'geom', 'POINT', 4326, 0, 0);
    CREATE TABLE shelters (fid INTEGER PRIMARY KEY, geom BLOB, \"编码\" TEXT, \"名称\" TEXT, \"容量\" INTEGER);";

/// A GeoPackage that statements and blobs make.
pub fn gpkg_of(statements: &str, rows: &[(Vec<u8>, &str, &str, Option<i64>)]) -> Vec<u8> {
    use sqlx::Connection;
    wait(async {
        let mut database = sqlx::SqliteConnection::connect("sqlite::memory:").await.expect("a database");
        let statements = format!("{GPKG}{statements}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(statements)).execute(&mut database).await.expect("tables");
        for (blob, code, name, capacity) in rows {
            let insert = "INSERT INTO shelters (geom, \"编码\", \"名称\", \"容量\") VALUES (?1, ?2, ?3, ?4)";
            let insert = sqlx::query(insert).bind(blob).bind(code).bind(name).bind(capacity);
            insert.execute(&mut database).await.expect("a row");
        }
        database.serialize(None).await.expect("bytes").as_ref().to_vec()
    })
}

/// A GeoPackage of the small table.
pub fn gpkg() -> Vec<u8> {
    let rows = ROWS.map(|(code, name, lon, lat, n)| (gpkg_point(lon, lat), code, name, Some(i64::from(n))));
    gpkg_of("", &rows)
}

/// A KML of the small table.
pub fn kml() -> String {
    let placemark = |(code, name, lon, lat, capacity): (&str, &str, f64, f64, u32)| {
        format!(
            "<Placemark><name>{name}</name><ExtendedData><Data name=\"编码\"><value>{code}</value></Data>\
             <SchemaData schemaUrl=\"#s\"><SimpleData name=\"容量\">{capacity}</SimpleData></SchemaData></ExtendedData>\
             <Point><coordinates>{lon},{lat},0</coordinates></Point></Placemark>"
        )
    };
    let [a, b, c] = ROWS.map(placemark);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document>\
         <name>示例</name><Style id=\"s\"><IconStyle/></Style><Folder><name>东片</name>{a}{b}</Folder>\
         <Folder><name>西片</name>{c}</Folder></Document></kml>"
    )
}

/// A GPX of the small table.
pub fn gpx() -> String {
    let waypoints = ROWS.map(|(code, name, lon, lat, capacity)| {
        format!(
            "<wpt lat=\"{lat}\" lon=\"{lon}\"><name>{name}</name><extensions><b:row xmlns:b=\"urn:b\"><b:code>{code}</b:code>\
             <b:capacity>{capacity}</b:capacity></b:row></extensions></wpt>"
        )
    });
    format!(
        "<?xml version=\"1.0\"?><gpx version=\"1.1\" creator=\"x\" xmlns=\"http://www.topografix.com/GPX/1/1\">{}</gpx>",
        waypoints.concat()
    )
}

/// A FlatGeobuf of the small table, with a coordinate system by code.
pub fn fgb_of(code: i32) -> Vec<u8> {
    use flatgeobuf::{ColumnType, FgbCrs, FgbWriter, FgbWriterOptions, GeometryType};
    let options =
        FgbWriterOptions { crs: FgbCrs { code, ..Default::default() }, write_index: false, ..Default::default() };
    let mut file = FgbWriter::create_with_options("shelters", GeometryType::Point, options).expect("a file");
    file.add_column("编码", ColumnType::String, |_, _| {});
    file.add_column("名称", ColumnType::String, |_, _| {});
    file.add_column("容量", ColumnType::UInt, |_, _| {});
    for (code, name, lon, lat, capacity) in ROWS {
        let point = geo_types::Geometry::Point(geo_types::Point::new(lon, lat));
        let added = file.add_feature_geom(point, |feature| {
            feature.property(0, "编码", &ColumnValue::String(code)).expect("a property");
            feature.property(1, "名称", &ColumnValue::String(name)).expect("a property");
            feature.property(2, "容量", &ColumnValue::UInt(capacity)).expect("a property");
        });
        added.expect("a feature");
    }
    let mut out = Vec::new();
    file.write(&mut out).expect("bytes");
    out
}

/// A FlatGeobuf of the small table.
pub fn fgb() -> Vec<u8> {
    fgb_of(4326)
}

/// A file of every format.
pub fn every_format() -> Vec<(Format, Vec<u8>)> {
    let rows = ROWS.map(|(code, name, lon, lat, n)| format!("{code},{name},{lon},{lat},{n}\n"));
    let csv = format!("{}\n{}", HEADERS.join(","), rows.concat());
    let features = ROWS.map(|(code, name, lon, lat, n)| {
        serde_json::json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat]},
            "properties": {"编码": code, "名称": name, "容量": n}})
    });
    let geojson = serde_json::json!({"type": "FeatureCollection", "features": features});
    vec![
        (Format::Csv, csv.into_bytes()),
        (Format::GeoJson, geojson.to_string().into_bytes()),
        (Format::Xlsx, xlsx()),
        (Format::Xls, xls()),
        (Format::Shapefile, shapefile()),
        (Format::GeoPackage, gpkg()),
        (Format::Kml, kml().into_bytes()),
        (Format::Kmz, zipped(&[("doc.kml", kml().as_bytes())])),
        (Format::Gpx, gpx().into_bytes()),
        (Format::FlatGeobuf, fgb()),
    ]
}
