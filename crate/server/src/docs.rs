//! `GET /api/docs`: the OpenAPI document as a page to read. Its script and its style are this server's own and apart,
//! because the content security policy allows no other host and nothing inline.

use axum::http::header;
use axum::response::{Html, IntoResponse};

use crate::openapi::Refused;

/// The document as a page to read.
#[utoipa::path(get, path = "/api/docs", tag = "server", operation_id = "docs",
    responses((status = 200, description = "The page.", body = String, content_type = "text/html; charset=utf-8"), Refused))]
pub async fn page() -> Html<&'static str> {
    Html(include_str!("docs/page.html"))
}

/// The page's script.
#[utoipa::path(get, path = "/api/docs/page.js", tag = "server", operation_id = "docsScript",
    responses((status = 200, description = "The script.", body = String, content_type = "text/javascript; charset=utf-8"), Refused))]
pub async fn script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("docs/page.js"))
}

/// The page's style.
#[utoipa::path(get, path = "/api/docs/page.css", tag = "server", operation_id = "docsStyle",
    responses((status = 200, description = "The style.", body = String, content_type = "text/css; charset=utf-8"), Refused))]
pub async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("docs/page.css"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_needs_no_other_host_and_has_nothing_inline() {
        let (page, script, style) =
            (include_str!("docs/page.html"), include_str!("docs/page.js"), include_str!("docs/page.css"));
        for text in [page, script, style] {
            for forbidden in ["http:", "https:", "\"//", "innerHTML", "<style", "style=", "onclick", "eval("]
            {
                assert!(!text.contains(forbidden), "{forbidden}");
            }
        }
        assert_eq!(page.matches("<script").count(), page.matches("<script type=\"module\" src=\"/").count());
    }
}
