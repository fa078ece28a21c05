//! What the program promises to those who call it, over HTTP, on the command line and in files, told as sentences.
//!
//! Each test of the service has a store of its own with the demonstration district in it, and a clock that stands still
//! ([`house`]).

mod api_accounts;
mod api_body;
mod api_datum;
mod api_docs;
mod api_idempotency;
mod api_nearest;
mod api_observation;
mod api_oidc;
mod api_plans;
mod api_problem;
mod api_resources;
mod api_session;
mod cli;
mod datum;
mod exchange_columns;
mod exchange_csv;
mod exchange_document;
mod exchange_files;
mod exchange_flatgeobuf;
mod exchange_formats;
mod exchange_fuzz;
mod exchange_geojson;
mod exchange_geopackage;
mod exchange_hostile;
mod exchange_large;
mod exchange_return;
mod exchange_samples;
mod exchange_shape;
mod exchange_shapefile;
mod exchange_sheet;
mod exchange_values;
mod exchange_xml;
mod hidden;
mod house;
mod live;
mod ogc_collections;
mod ogc_items;
mod openapi;
mod people;
mod permissions;
mod write_scan;
