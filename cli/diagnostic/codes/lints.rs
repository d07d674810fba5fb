//! W0xxx: lints.

super::codes! {}
