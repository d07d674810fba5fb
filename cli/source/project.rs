//! `scaffold.yaml`.

use super::text::Name;

/// `scaffold.yaml` as written.
#[derive(Clone, Debug, Default)]
pub struct RawProject {
    /// `name`; none: missing, which was reported.
    pub name: Option<Name>,
    /// `services`: globs of those whose files stand elsewhere.
    pub services: Vec<RawServiceSettings>,
    /// `env`
    pub env: Vec<(Name, Name)>,
    /// `runtime`
    pub runtime: RawRuntime,
}

/// An entry of `services`.
#[derive(Clone, Debug)]
pub struct RawServiceSettings {
    /// The service's name.
    pub name: Name,
    /// `schema`: globs; none: `schema/<service>/**`.
    pub schema: Option<Vec<Name>>,
    /// `model`: globs; none: `model/<service>.yaml` and `model/<service>/*.yaml`.
    pub model: Option<Vec<Name>>,
}

/// `runtime`
#[derive(Clone, Debug, Default)]
pub enum RawRuntime {
    /// Not written: `runtime/` inside the project.
    #[default]
    Vendored,
    /// `path`
    Path(Name),
    /// `version`
    Version(Name),
}
