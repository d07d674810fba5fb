//! The service `{{ name }}` as a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    scaffold_runtime::serve({{ krate }}_service::service())
}
