//! Where a key set is read from.

use std::io::Read;
use std::path::PathBuf;

/// The largest key set that is read, in bytes.
const LARGEST: u64 = 512 * 1024;
#[cfg(feature = "jwks-url")]
const FETCH_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);

/// A file or an http(s) address that holds a JSON Web Key Set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JwksSource {
    /// A file, read again when a token names a key that is not known.
    File(PathBuf),
    /// An address, fetched again likewise. Needs the feature `jwks-url`.
    Url(String),
}

impl JwksSource {
    /// Tells a file from an address.
    ///
    /// # Errors
    /// A sentence, when it is an address and the build cannot fetch one.
    pub fn parse(text: &str) -> Result<Self, String> {
        if !(text.starts_with("http://") || text.starts_with("https://")) {
            return Ok(Self::File(PathBuf::from(text)));
        }
        if cfg!(feature = "jwks-url") {
            Ok(Self::Url(text.to_owned()))
        } else {
            Err("this build reads key sets from files only; an address needs the runtime's feature `jwks-url`".into())
        }
    }

    /// Reads the text; blocks.
    pub(super) fn read(&self) -> Result<String, String> {
        match self {
            Self::File(path) => {
                let file = std::fs::File::open(path).map_err(|cause| format!("{}: {cause}", path.display()))?;
                text_of(file).map_err(|cause| format!("{}: {cause}", path.display()))
            }
            Self::Url(url) => fetch(url).map_err(|cause| format!("{url}: {cause}")),
        }
    }
}

fn text_of(reader: impl Read) -> Result<String, String> {
    let mut text = String::new();
    reader.take(LARGEST + 1).read_to_string(&mut text).map_err(|cause| cause.to_string())?;
    if text.len() as u64 > LARGEST { Err(format!("larger than {LARGEST} bytes")) } else { Ok(text) }
}

#[cfg(feature = "jwks-url")]
fn fetch(url: &str) -> Result<String, String> {
    let config = ureq::Agent::config_builder().timeout_global(Some(FETCH_TIMEOUT)).max_redirects(0).build();
    let agent = ureq::Agent::new_with_config(config);
    let response = agent.get(url).call().map_err(|cause| cause.to_string())?;
    if !response.status().is_success() {
        return Err(format!("the server answered {}", response.status()));
    }
    text_of(response.into_body().into_reader())
}

#[cfg(not(feature = "jwks-url"))]
fn fetch(_url: &str) -> Result<String, String> {
    Err("this build cannot fetch key sets".into())
}
