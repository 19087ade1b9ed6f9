//! Headers that every response carries.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;

/// The app runs its own files alone: no inline script, no other host, no frame around it. WebAssembly may compile.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The camera reads QR codes and the position goes with an assessment; nothing else is asked of the device.
const PERMISSIONS_POLICY: &str = "camera=(self), geolocation=(self), accelerometer=(), \
     display-capture=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()";

const SECURITY: [(HeaderName, HeaderValue); 5] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("permissions-policy"), HeaderValue::from_static(PERMISSIONS_POLICY)),
];

/// Adds the security headers. An answer that allows less of itself keeps its own policy.
pub async fn security(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let own = headers.remove(header::CONTENT_SECURITY_POLICY);
    headers.extend(SECURITY);
    if let Some(own) = own {
        headers.insert(header::CONTENT_SECURITY_POLICY, own);
    }
    response
}

/// Keeps an answer of the API out of every cache.
pub async fn no_store(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
