//! Everything in one process: the gateway and all services, for development and small installations.

use std::process::ExitCode;

fn main() -> ExitCode {
    scaffold_runtime::app(courses_services::gateway(), courses_services::services())
}
