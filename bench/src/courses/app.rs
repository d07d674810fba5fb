//! The running program of the generated `courses`, and what it takes to start it.

use crate::generation::process::cpu_seconds;
use crate::run::Run;
use crate::server::{Process, connect, free_address, spawn};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Channel;
use tonic::{Request, Status};
use tonic_prost::ProstCodec;

/// What tokens are signed with.
pub const SECRET: &str = "a-secret-for-the-benchmark-of-32-bytes";

/// The tenant of all tokens.
pub const TENANT: &str = "bench";

/// The program, with a token for it. Cheap to clone; it is killed when the last of them is dropped.
#[derive(Clone)]
pub struct App {
    /// The process.
    pub process: Arc<Process>,
    /// Where its GraphQL is.
    pub http: String,
    /// A teacher's token.
    pub token: Arc<str>,
    channel: Channel,
}

impl App {
    /// Starts it on a database, with a project in a folder of this name.
    ///
    /// # Errors
    /// If a program fails.
    pub async fn start(run: &Run, folder: &str, database: &str) -> Result<Self, String> {
        let project = PathBuf::from(run.folder(folder)?).join("courses");
        make(run, &project)?;
        let token = token(run, &project)?.into();
        Self::of(&run.target.join("courses-app"), &project, database, token).await
    }

    /// Starts another program of the same project beside it, on the same database.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn beside(&self, program: &Path, database: &str) -> Result<Self, String> {
        let folder = program.parent().unwrap_or(Path::new("."));
        Self::of(program, folder, database, Arc::clone(&self.token)).await
    }

    async fn of(program: &Path, folder: &Path, database: &str, token: Arc<str>) -> Result<Self, String> {
        let (http, grpc) = (free_address()?, free_address()?);
        let mut app = Command::new(std::path::absolute(program).map_err(|error| error.to_string())?);
        app.current_dir(folder).env("HTTP_ADDR", &http).env("GRPC_ADDR", &grpc).env("AUTH_SECRET", SECRET);
        app.env("DATABASE_URL", database).env("LOG", "warn");
        let process = Arc::new(spawn(&mut app)?);
        Ok(Self { process, http, token, channel: connect(&grpc).await? })
    }

    /// The processor time that it has taken so far.
    pub fn cpu_seconds(&self) -> f64 {
        cpu_seconds(self.process.id()).unwrap_or(0.0)
    }

    /// Defines a course through gRPC.
    ///
    /// # Errors
    /// What the service says.
    pub async fn define(&self, course: &str, title: &str, capacity: i64) -> Result<(), Status> {
        let mut grpc = tonic::client::Grpc::new(self.channel.clone());
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let mut request = Request::new(DefineCourse { course_id: course.into(), title: title.into(), capacity });
        let bearer = format!("Bearer {}", self.token).parse();
        request.metadata_mut().insert("authorization", bearer.map_err(|_| Status::internal("a token"))?);
        let path = PathAndQuery::from_static("/courses.enrollment.v1.EnrollmentService/DefineCourse");
        let codec = ProstCodec::<DefineCourse, Nothing>::default();
        grpc.unary(request, path, codec).await.map(drop)
    }
}

/// The generated message, as it is on the wire.
#[derive(Clone, PartialEq, prost::Message)]
struct DefineCourse {
    #[prost(string, tag = "1")]
    course_id: String,
    #[prost(string, tag = "2")]
    title: String,
    #[prost(int64, tag = "3")]
    capacity: i64,
}

/// Whatever is answered.
#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
struct Nothing {}

/// Makes the project.
///
/// # Errors
/// If the tool fails.
pub fn make(run: &Run, project: &Path) -> Result<(), String> {
    let text = project.to_string_lossy();
    scaffold(run, Path::new("."), &["new", &text, "--example", "courses", "--quiet"])?;
    scaffold(run, project, &["gen", "--quiet"])
}

/// Runs the tool.
///
/// # Errors
/// What it says.
pub fn scaffold(run: &Run, folder: &Path, arguments: &[&str]) -> Result<(), String> {
    let program = std::path::absolute(run.target.join("scaffold")).map_err(|error| error.to_string())?;
    let done = Command::new(program).arg("-C").arg(folder).args(arguments).output();
    let done = done.map_err(|error| error.to_string())?;
    if done.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&done.stderr).into_owned()) }
}

fn token(run: &Run, project: &Path) -> Result<String, String> {
    let program = std::path::absolute(run.target.join("scaffold")).map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.current_dir(project).env("AUTH_SECRET", SECRET);
    let signed = command.args(["token", "--tenant", TENANT, "--sub", "bench", "--scope", "TEACHER"]).output();
    let signed = signed.map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&signed.stdout).trim().to_owned())
}
