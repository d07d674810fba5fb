//! E05xx: directives of the schema.

super::codes! {}
