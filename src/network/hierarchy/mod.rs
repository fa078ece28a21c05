//! Customizable contraction hierarchies (Dibbelt, Strasser, Wagner 2016, doi 10.1145/2886843): what makes a metropolis instant.
//!
//! Three steps. [`Hierarchy`]: an order of the nodes and the edges it brings in, made once for a graph, kept in its file,
//! knowing no costs. [`Customized`]: what those edges cost a profile by a metric with what is closed now, made in a moment and
//! brought up to date in less. Questions, which climb a few hundred nodes: [`Customized::route`], [`Customized::matrix`],
//! [`Hubs::nearest`], [`Customized::field`], [`Customized::reach`]. Invariant: every answer is that of the plain search to the
//! last bit, ties and second figures included, so that which of the two answers is a matter of time only.

mod choose;
mod climb;
mod dissect;
mod flow;
mod hubs;
mod pair;
mod sweep;
mod tree;
mod walk;
mod weights;

pub use choose::{Scratch, Ways};
pub use climb::Climb;
pub use hubs::Hubs;
pub use sweep::Reach;
pub use tree::Hierarchy;
pub use walk::Walk;
pub use weights::{Customized, Updated};
