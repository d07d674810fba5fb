//! Files of the project as a whole.
