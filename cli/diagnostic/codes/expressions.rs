//! E03xx: expressions and types.

super::codes! {}
