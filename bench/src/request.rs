//! Requests as bytes, made before the clock runs.

/// A whole HTTP/1.1 request with a signature that is read but not checked.
pub fn request(method: &str, target: &str, service: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut text = format!(
        "{method} {target} HTTP/1.1\r\nHost: localhost:4566\r\nContent-Length: {}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=test/20260102/us-east-1/{service}/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature={}\r\nX-Amz-Date: 20260102T120000Z\r\n",
        body.len(),
        "0".repeat(64),
    );
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    [text.as_bytes(), body].concat()
}

/// A request of a JSON protocol.
pub fn json(service: &str, target: &str, version: &str, body: &str) -> Vec<u8> {
    let content_type = format!("application/x-amz-json-{version}");
    request(
        "POST",
        "/",
        service,
        &[("X-Amz-Target", target), ("Content-Type", &content_type)],
        body.as_bytes(),
    )
}
