//! GraphiQL, served from this binary: nothing is loaded from elsewhere, and the page may not try.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

const PAGE: &str = include_str!("../../assets/graphiql/index.html");
const LICENSES: &str = include_str!("../../assets/graphiql/LICENSES");
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// Files that are stored compressed.
const FILES: [(&str, &str, &[u8]); 4] = [
    ("react.production.min.js", SCRIPT, include_bytes!("../../assets/graphiql/react.production.min.js.gz")),
    ("react-dom.production.min.js", SCRIPT, include_bytes!("../../assets/graphiql/react-dom.production.min.js.gz")),
    ("graphiql.min.js", SCRIPT, include_bytes!("../../assets/graphiql/graphiql.min.js.gz")),
    ("graphiql.min.css", STYLE, include_bytes!("../../assets/graphiql/graphiql.min.css.gz")),
];

/// Files that are stored as they are.
const TEXTS: [(&str, &str, &str); 3] = [
    ("start.js", SCRIPT, include_str!("../../assets/graphiql/start.js")),
    ("page.css", STYLE, include_str!("../../assets/graphiql/page.css")),
    ("LICENSES", "text/plain; charset=utf-8", LICENSES),
];

/// The page.
pub(super) async fn page() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, PAGE).into_response()
}

/// What the page loads.
pub(super) async fn file(Path(name): Path<String>) -> Response {
    let fixed = [(header::X_CONTENT_TYPE_OPTIONS, "nosniff"), (header::CACHE_CONTROL, "public, max-age=3600")];
    if let Some((_, kind, bytes)) = FILES.iter().find(|(found, ..)| *found == name) {
        let kind = [(header::CONTENT_TYPE, *kind), (header::CONTENT_ENCODING, "gzip")];
        return (fixed, kind, *bytes).into_response();
    }
    match TEXTS.iter().find(|(found, ..)| *found == name) {
        Some((_, kind, text)) => (fixed, [(header::CONTENT_TYPE, *kind)], *text).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
