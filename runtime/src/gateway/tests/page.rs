//! GraphiQL comes from this binary alone.

use super::*;
use crate::testing::get;

#[tokio::test]
async fn the_page_loads_only_what_is_served_here() {
    let server = start().await;
    for path in ["/", "/graphiql"] {
        let page = get(server.address, path).await;
        assert_eq!(page.code, 200);
        let text = page.text();
        assert!(!text.contains("http://") && !text.contains("https://") && !text.contains("src=\"//"), "{text}");
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"));
        assert!(!policy.contains("unsafe-eval"));
        for link in text.split('"').filter(|part| part.starts_with("/graphiql/")) {
            let file = get(server.address, link).await;
            assert_eq!(file.code, 200, "{link}");
            assert!(file.body.len() > 20, "{link}");
            let gzip = file.header("content-encoding") == Some("gzip");
            assert_eq!(gzip, file.body.starts_with(&[0x1f, 0x8b]), "{link}");
        }
    }
    assert_eq!(get(server.address, "/graphiql/absent.js").await.code, 404);
    assert_eq!(get(server.address, "/graphiql/..%2f..%2fCargo.toml").await.code, 404);
    assert!(get(server.address, "/graphiql/LICENSES").await.text().contains("MIT License"));
}
