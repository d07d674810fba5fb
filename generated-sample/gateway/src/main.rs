//! The public edge as a process of its own: GraphQL over the services' clients.

use std::process::ExitCode;

fn main() -> ExitCode {
    scaffold_runtime::serve_gateway(courses_gateway_api::gateway())
}
