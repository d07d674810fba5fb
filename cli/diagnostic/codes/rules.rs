//! E04xx: events, commands, rules and specs.

super::codes! {}
