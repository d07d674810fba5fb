//! Everything in one process: the gateway and all services, for development and small installations.

use std::process::ExitCode;

fn main() -> ExitCode {
    scaffold_runtime::app({{ services_crate }}::gateway(), {{ services_crate }}::services())
}
