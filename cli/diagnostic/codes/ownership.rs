//! E07xx: who owns a file, and what is written.

super::codes! {}
