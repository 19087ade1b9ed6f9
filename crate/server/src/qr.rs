//! A sheet of QR codes to print and stick to the demo's meters. Each opens the app at its meter.

use std::fmt::Write;

use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse};
use fieldsync_protocol::Problem;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use qrcode::QrCode;
use qrcode::render::svg;

use crate::demo::{Meter, PROPERTIES, Property, Unit};
use crate::openapi::Refused;
use crate::problem::ApiError;

/// All but the unreserved characters of RFC 3986.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The sheet of QR codes, one a meter, to print.
#[utoipa::path(get, path = "/demo/qr", tag = "demo", operation_id = "demoQr",
    responses((status = 200, description = "The sheet.", body = String, content_type = "text/html; charset=utf-8"), (status = 400, description = "The `Host` is none.", body = Problem, content_type = "application/problem+json"), (status = 404, description = "This is no demo.", body = Problem, content_type = "application/problem+json"), Refused))]
pub async fn sheet(headers: HeaderMap) -> Result<Html<String>, ApiError> {
    let origin = origin(&headers)?;
    let mut page = String::from(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>fieldsync demo meters</title>\n\
         <link rel=\"stylesheet\" href=\"/demo/qr.css\">\n</head>\n<body>\n\
         <header><h1>Demo meters</h1><p>Print this page, or scan from the screen.</p></header>\n<main>\n",
    );
    for property in PROPERTIES {
        for unit in property.units {
            for meter in unit.meters {
                let card = card(&origin, property, unit, meter).map_err(|error| {
                    tracing::error!("no QR code can be made: {error}");
                    ApiError::Internal
                })?;
                page.push_str(&card);
            }
        }
    }
    page.push_str("</main>\n</body>\n</html>\n");
    Ok(Html(page))
}

/// The style of the sheet.
///
/// It is apart because the content security policy allows none inline.
#[utoipa::path(get, path = "/demo/qr.css", tag = "demo", operation_id = "demoQrStyle",
    responses((status = 200, description = "The style.", body = String, content_type = "text/css; charset=utf-8"), (status = 404, description = "This is no demo.", body = Problem, content_type = "application/problem+json")))]
pub async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("qr.css"))
}

/// Where the reader of the sheet reaches this server: what its own browser asked for.
fn origin(headers: &HeaderMap) -> Result<String, ApiError> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    if host.is_empty() || host.len() > 255 || !host.chars().all(is_plain) {
        return Err(ApiError::BadRequest("The Host header is missing or not a host.".into()));
    }
    Ok(format!("http://{host}"))
}

fn link(origin: &str, property: &Property, unit: &Unit, meter: &Meter) -> String {
    let mut link = format!("{origin}/");
    for (start, value) in [("?property=", property.code), ("&unit=", unit.code), ("&meter=", meter.code)] {
        link.push_str(start);
        link.extend(utf8_percent_encode(value, ESCAPED));
    }
    link
}

fn card(
    origin: &str,
    property: &Property,
    unit: &Unit,
    meter: &Meter,
) -> Result<String, qrcode::types::QrError> {
    let image = QrCode::new(link(origin, property, unit, meter))?.render::<svg::Color<'_>>().build();
    // The XML declaration has no place within HTML.
    let image = &image[image.find("<svg").unwrap_or_default()..];
    let mut card = String::new();
    let codes = [property.code, unit.code, meter.code].map(escape).join(" · ");
    let (property, unit, kind) = (escape(property.name), escape(unit.name), escape(meter.kind));
    // Writing to a string does not fail.
    let _ = writeln!(
        card,
        "<section class=\"card\">{image}<h2>{property}</h2><p>{unit}</p><p>{kind} meter, {}</p>\
         <p class=\"code\">{codes}</p></section>",
        escape(meter.unit)
    );
    Ok(card)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn host(host: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(host))])
    }

    #[test]
    fn a_host_that_is_none_is_refused() {
        for good in ["127.0.0.1:8080", "fieldsync.example", "[::1]:8080"] {
            assert_eq!(origin(&host(good)).unwrap(), format!("http://{good}"));
        }
        for bad in ["", "a/b", "user@host", "a\"b", "a b", "a<b"] {
            assert!(origin(&host(bad)).is_err(), "{bad}");
        }
        assert!(origin(&HeaderMap::new()).is_err());
    }

    #[test]
    fn links_are_escaped() {
        let unit = Unit { code: "a&b ü", name: "", meters: &[] };
        let link = link("http://h", &PROPERTIES[0], &unit, &PROPERTIES[0].units[0].meters[0]);
        assert_eq!(link, "http://h/?property=P-1&unit=a%26b%20%C3%BC&meter=water");
    }

    #[tokio::test]
    async fn the_sheet_has_a_card_for_every_meter_and_nothing_inline() {
        let Html(page) = sheet(host("127.0.0.1:8080")).await.unwrap();
        let meters: usize =
            PROPERTIES.iter().flat_map(|property| property.units).map(|unit| unit.meters.len()).sum();
        assert_eq!(page.matches("<svg").count(), meters);
        for forbidden in ["<script", "<style", "style=", "<?xml"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
    }
}
