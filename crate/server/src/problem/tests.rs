use super::*;

async fn read(error: ApiError) -> (Response, Problem) {
    let (parts, body) = error.into_response().into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (Response::from_parts(parts, ().into_response().into_body()), serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test]
async fn every_error_is_a_problem_document() {
    for error in [
        ApiError::BadRequest("x".into()),
        ApiError::Invalid(vec![FieldError::new("email", "x")]),
        ApiError::Unauthorized,
        ApiError::Revoked,
        ApiError::BadCredentials,
        ApiError::EmailTaken,
        ApiError::KeystoreBehind(3),
        ApiError::KeystoreForeign,
        ApiError::Misdirected,
        ApiError::TooLarge(PushLimits::default()),
        ApiError::FileTooLarge,
        ApiError::BeyondLength,
        ApiError::NoFiles,
        ApiError::NoSuchPart,
        ApiError::TusVersion,
        ApiError::UploadOffset(3),
        ApiError::UploadLocked,
        ApiError::UploadExpired,
        ApiError::ChecksumMismatch,
        ApiError::NoRoomForFiles,
        ApiError::NotFound("/api".into()),
        ApiError::CursorExpired,
        ApiError::MethodNotAllowed(Method::PUT),
        ApiError::UnsupportedMediaType("x".into()),
        ApiError::TooManyRequests(7),
        ApiError::Unavailable,
        ApiError::NoRoom,
        ApiError::TimedOut,
        ApiError::Internal,
    ] {
        let (status, code) = (error.status(), error.code().0);
        let soon = if matches!(error, ApiError::NoRoom) { "60" } else { "2" };
        let has_limits = matches!(error, ApiError::TooLarge(_));
        let (response, problem) = read(error).await;
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()[header::CONTENT_TYPE], PROBLEM_JSON);
        assert_eq!((problem.status, problem.code), (status.as_u16(), code));
        assert_eq!(problem.fields.is_empty(), code != Code::Invalid);
        assert_eq!(
            response.headers().contains_key(header::WWW_AUTHENTICATE),
            status == StatusCode::UNAUTHORIZED
        );
        assert_eq!(problem.limits.is_some(), has_limits);
        let retry = response.headers().get(header::RETRY_AFTER).map(|value| value.to_str().unwrap());
        let expected = match code {
            Code::TooManyRequests => Some("7"),
            Code::Unavailable => Some(soon),
            Code::NoRoom => Some("60"),
            _ => None,
        };
        assert_eq!(retry, expected);
    }
}

#[tokio::test]
async fn a_fault_is_not_told_to_the_client() {
    let (_, problem) = read(StoreError::Failed("secret".into()).into()).await;
    assert_eq!(problem.code, Code::Internal);
    assert!(!problem.detail.contains("secret"));
}
