//! Entries that events are folded into.
