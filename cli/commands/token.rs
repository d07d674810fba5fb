//! `scaffold token`: a signed token for development.

use super::{Outcome, Terminal};
use crate::args::Token;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, fs};

/// The shortest secret that the runtime takes for HS256, in bytes.
const SHORTEST_SECRET: usize = 32;
/// What every token here begins with.
const HEADER: &str = r#"{"typ":"JWT","alg":"HS256"}"#;

/// Prints a token, signed with `AUTH_SECRET` from the environment or from the project's `.env`.
pub fn run(dir: &Path, args: &Token, terminal: &Terminal) -> Outcome {
    match sign(dir, args) {
        Ok(token) => {
            terminal.print(&format!("{token}\n"));
            Outcome::Fine
        }
        Err((message, help)) => {
            terminal.fail(&message, help);
            Outcome::Usage
        }
    }
}

type Problem = (String, &'static str);

fn sign(dir: &Path, args: &Token) -> Result<String, Problem> {
    let secret = secret(dir)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| (error.to_string(), "set the clock"))?;
    let mut claims = serde_json::json!({
        "sub": args.sub,
        "tenant": args.tenant,
        "scopes": args.scopes,
        "iat": now.as_secs(),
        "exp": now.as_secs().saturating_add(seconds(&args.ttl)?),
    });
    if let Some(data) = &args.data {
        claims["data"] = object(data)?;
    }
    signed(HEADER, &claims.to_string(), secret.as_bytes())
        .map_err(|error| (format!("the token could not be signed: {error}"), ""))
}

/// A token by RFC 7515, signed by HS256, which its header says too.
fn signed(header: &str, claims: &str, secret: &[u8]) -> Result<String, hmac::digest::InvalidLength> {
    let message = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    let mac = Hmac::<Sha256>::new_from_slice(secret)?.chain_update(&message).finalize();
    Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac.into_bytes())))
}

/// `AUTH_SECRET` of the environment, else of the project's `.env`.
fn secret(dir: &Path) -> Result<String, Problem> {
    let from_file = || {
        let text = fs::read_to_string(dir.join(".env")).ok()?;
        let value = text.lines().find_map(|line| line.trim().strip_prefix("AUTH_SECRET=").map(str::to_owned))?;
        Some(value.trim().trim_matches(['"', '\'']).to_owned())
    };
    let secret = env::var("AUTH_SECRET").ok().filter(|secret| !secret.is_empty()).or_else(from_file);
    let Some(secret) = secret else {
        return Err((
            "there is no secret to sign with".to_owned(),
            "set AUTH_SECRET, or run inside a project with an .env file",
        ));
    };
    if secret.len() < SHORTEST_SECRET {
        return Err((format!("AUTH_SECRET has {} bytes", secret.len()), "services take secrets of at least 32 bytes"));
    }
    Ok(secret)
}

fn object(text: &str) -> Result<serde_json::Value, Problem> {
    const HELP: &str = "write an object, for example --data '{\"department\": \"physics\"}'";
    match serde_json::from_str(text) {
        Ok(value @ serde_json::Value::Object(_)) => Ok(value),
        Ok(_) => Err(("--data is JSON but not an object".to_owned(), HELP)),
        Err(error) => Err((format!("--data is not JSON: {error}"), HELP)),
    }
}

/// `90s`, `15m`, `12h`, `7d` in seconds.
fn seconds(text: &str) -> Result<u64, Problem> {
    let wrong = || {
        (
            format!("--ttl `{}` is not a duration", text.escape_debug()),
            "write a number with s, m, h or d: 90s, 15m, 12h, 7d",
        )
    };
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let factor = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let number: u64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    number.checked_mul(factor).filter(|seconds| *seconds > 0).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_example_of_rfc_7515_comes_out() {
        let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let secret = URL_SAFE_NO_PAD.decode(secret).unwrap();
        let header = "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}";
        let claims = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
        let token = signed(header, claims, &secret).unwrap();
        assert!(token.starts_with("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJl"), "{token}");
        assert!(token.ends_with(".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), "{token}");
    }

    #[test]
    fn durations() {
        assert_eq!(seconds("90s").unwrap(), 90);
        assert_eq!(seconds("12h").unwrap(), 43_200);
        for wrong in ["", "h", "12", "-1h", "0s", "1w", "99999999999999999999d", "9999999999999999999d", "1é"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn data_must_be_an_object() {
        assert!(object("{\"a\": 1}").is_ok());
        assert!(object("[1]").is_err());
        assert!(object("nonsense").is_err());
    }
}
