//! The service `enrollment` as a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    scaffold_runtime::serve(enrollment_service::service())
}
