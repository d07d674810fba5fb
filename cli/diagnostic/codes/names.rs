//! E02xx: names that are unknown, doubled, illegal or colliding.

super::codes! {}
