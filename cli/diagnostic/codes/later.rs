//! E06xx: what is read and checked, but not generated yet.

super::codes! {}
