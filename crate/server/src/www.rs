//! The app's files.

use std::path::Path;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use tower::ServiceExt;
use tower_http::services::{ServeDir, ServeFile};

/// A name under here is made from the file's content, so the file never changes.
const IMMUTABLE: &str = "/assets/";

/// A directory with the built app in it.
#[derive(Clone, Debug)]
pub struct Www {
    files: ServeDir,
    index: ServeFile,
}

impl Www {
    /// Serves the files of a directory, or their `.br` and `.gz` siblings where the client takes those.
    pub fn new(directory: &Path) -> Www {
        let files = ServeDir::new(directory).redirect_to_trailing_slash(false);
        let index = ServeFile::new(directory.join("index.html"));
        Www {
            files: files.precompressed_br().precompressed_gzip(),
            index: index.precompressed_br().precompressed_gzip(),
        }
    }

    /// Answers with a file, or, where a person navigates to one of the app's own pages, with `index.html`.
    pub async fn answer(self, request: Request) -> Response {
        let path = request.uri().path();
        let immutable = path.starts_with(IMMUTABLE);
        let page = is_navigation(request.method(), path, request.headers()).then(|| copy(&request));
        let Ok(response) = self.files.oneshot(request).await;
        let mut response = match page {
            Some(page) if response.status() == StatusCode::NOT_FOUND => {
                let Ok(index) = self.index.oneshot(page).await;
                index.into_response()
            }
            _ => response.into_response(),
        };
        if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
            let policy = if immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(policy));
        }
        response
    }
}

/// Says what is missing where the app would be.
pub async fn not_installed() -> &'static str {
    "This is a fieldsync server. The app is not installed here: start it with --www and the directory of the built app.\n"
}

fn is_navigation(method: &Method, path: &str, headers: &HeaderMap) -> bool {
    let is_read = method == Method::GET || method == Method::HEAD;
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    is_read && is_page(&percent_decode_str(path).decode_utf8_lossy()) && accept.contains("text/html")
}

/// Whether a page of the app may be at a path: it is no file, nothing hidden, and not where the server's own answers
/// are.
fn is_page(path: &str) -> bool {
    let mut names = path.split('/');
    let is_file = names.clone().next_back().is_some_and(|name| name.contains('.'));
    let is_hidden = names.any(|name| name.starts_with('.'));
    let is_taken = [IMMUTABLE, "/api/", "/demo/"].iter().any(|taken| format!("{path}/").starts_with(taken));
    !is_file && !is_hidden && !is_taken
}

/// The same request, without its body.
fn copy(request: &Request) -> Request {
    let mut copy = Request::default();
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    copy
}
