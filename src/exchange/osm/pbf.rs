//! `.osm.pbf`: the binary form of OpenStreetMap, by the crate osmpbf.
//!
//! Invariants: blobs are bounded by the format's own limits (32 MiB unpacked) before they are unpacked; what the crate should
//! stumble over in a damaged block ends in an error and not in the end of the process.

use super::{Member, OsmError, Part, Pass, Visit, What, damaged, point_of};
use osmpbf::{BlobDecode, BlobReader, Element, PrimitiveBlock, RelMemberType};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Features that a file may require of its reader.
const UNDERSTOOD: [&str; 3] = ["OsmSchema-V0.6", "DenseNodes", "HistoricalInformation"];

/// Reads the things of one kind.
pub(super) fn each(bytes: &[u8], pass: Pass, visit: Visit<'_>) -> Result<(), OsmError> {
    let mut blocks = 0_u64;
    for blob in BlobReader::new(bytes) {
        let blob = blob.map_err(damaged)?;
        let decoded =
            catch_unwind(AssertUnwindSafe(|| blob.decode())).map_err(|_| damaged("a blob can not be unpacked"))?;
        match decoded.map_err(damaged)? {
            BlobDecode::OsmHeader(header) => {
                let required = header.required_features();
                if let Some(odd) = required.iter().find(|feature| !UNDERSTOOD.contains(&feature.as_str())) {
                    return Err(damaged(format!("it requires `{odd}`, which is not understood")));
                }
            }
            BlobDecode::OsmData(block) => {
                blocks += 1;
                // A block of a damaged file may name strings that are not there: the crate panics on some of them.
                catch_unwind(AssertUnwindSafe(|| each_of(&block, pass, visit)))
                    .map_err(|_| damaged(format!("block {blocks} names what is not there")))??;
            }
            BlobDecode::Unknown(_) => {}
        }
    }
    if blocks == 0 { Err(damaged("it holds no block of data")) } else { Ok(()) }
}

fn each_of(block: &PrimitiveBlock, pass: Pass, visit: Visit<'_>) -> Result<(), OsmError> {
    for element in block.elements() {
        match (element, pass) {
            (Element::Node(node), What::Node) => {
                let tags: Vec<(&str, &str)> = node.tags().collect();
                let visible = node.info().visible();
                if let Some(at) = point_of(node.lon(), node.lat()).filter(|_| visible) {
                    visit(Part::Node { id: node.id(), at, tags: &tags })?;
                }
            }
            (Element::DenseNode(node), What::Node) => {
                let tags: Vec<(&str, &str)> = node.tags().collect();
                let visible = node.info().is_none_or(|info| info.visible());
                if let Some(at) = point_of(node.lon(), node.lat()).filter(|_| visible) {
                    visit(Part::Node { id: node.id(), at, tags: &tags })?;
                }
            }
            (Element::Way(way), What::Way) if way.info().visible() => {
                let tags: Vec<(&str, &str)> = way.tags().collect();
                let refs: Vec<i64> = way.refs().collect();
                visit(Part::Way { id: way.id(), refs: &refs, tags: &tags })?;
            }
            (Element::Relation(relation), What::Relation) if relation.info().visible() => {
                let tags: Vec<(&str, &str)> = relation.tags().collect();
                let members: Vec<Member> = relation
                    .members()
                    .map(|member| Member {
                        what: match member.member_type {
                            RelMemberType::Node => What::Node,
                            RelMemberType::Way => What::Way,
                            RelMemberType::Relation => What::Relation,
                        },
                        id: member.member_id,
                        role: member.role().unwrap_or_default().to_owned(),
                    })
                    .collect();
                visit(Part::Relation { members: &members, tags: &tags })?;
            }
            _ => {}
        }
    }
    Ok(())
}
