//! Values that no two entries share: who gets them, who is refused, and what becomes of data that breaks it.

mod badges;
mod club;
mod members;

pub use badges::*;
pub use members::*;
