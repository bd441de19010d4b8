//! Websites and pages of other sites: what browsers see of buckets.
#![allow(clippy::unwrap_used, reason = "test code fails by panicking")]

mod emulator;

use api_s3::{
    CORSConfiguration, CORSRule, Condition, ErrorDocument, IndexDocument, PutBucketCors, PutBucketCorsInput,
    PutBucketWebsite, PutBucketWebsiteInput, Redirect, RoutingRule, WebsiteConfiguration,
};
use emulator::{BUCKET, put, with_bucket};
use http::{HeaderMap, HeaderValue, Method};
use kernel::cross_origin::{CrossOriginHead, Ruling};
use kernel::edge::EdgeRequest;
use kernel::{ByteStream, Context, Service};

fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

async fn website(cx: &Context, error: Option<&str>) {
    let rule = RoutingRule {
        condition: Some(Condition { key_prefix_equals: text("docs/"), ..Default::default() }),
        redirect: Redirect { replace_key_prefix_with: text("documents/"), ..Default::default() },
    };
    let website_configuration = WebsiteConfiguration {
        index_document: Some(IndexDocument { suffix: "index.html".to_owned() }),
        error_document: error.map(|key| ErrorDocument { key: key.to_owned() }),
        routing_rules: Some(vec![rule]),
        ..Default::default()
    };
    let input =
        PutBucketWebsiteInput { bucket: BUCKET.to_owned(), website_configuration, ..Default::default() };
    cx.call::<PutBucketWebsite>(input).await.unwrap();
}

/// Status, place it leads to, and page.
async fn visit(cx: &Context, service: &Service, method: Method, path: &str) -> (u16, String, String) {
    let request = EdgeRequest {
        method,
        host: format!("{BUCKET}.s3-website.localhost"),
        path: path.to_owned(),
        query: String::new(),
        headers: HeaderMap::new(),
        body: ByteStream::default(),
        source: String::new(),
    };
    let answer = service.edges[0].serve(cx, request).await;
    let place = answer.headers.get("location").map(|place| place.to_str().unwrap().to_owned());
    let body = answer.body.collect(usize::MAX).await.unwrap();
    (answer.status.as_u16(), place.unwrap_or_default(), String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn folders_show_their_index() {
    let (cx, store) = with_bucket().await;
    let service = service_s3::service(&store, Vec::new());
    put(&cx, "folder/index.html", "index").await.unwrap();
    let (status, _, page) = visit(&cx, &service, Method::GET, "/").await;
    assert_eq!(status, 404);
    assert!(page.contains("<li>Code: NoSuchWebsiteConfiguration</li>"), "{page}");

    website(&cx, None).await;
    assert_eq!(visit(&cx, &service, Method::GET, "/folder/").await, (200, String::new(), "index".to_owned()));
    let (status, place, _) = visit(&cx, &service, Method::GET, "/folder").await;
    assert_eq!((status, place.as_str()), (302, "/folder/"));
    let (status, _, page) = visit(&cx, &service, Method::GET, "/other/").await;
    assert_eq!(status, 404);
    assert!(page.contains("<li>Key: other/index.html</li>"), "{page}");
    let (status, _, page) = visit(&cx, &service, Method::POST, "/folder/").await;
    assert_eq!(status, 405);
    assert!(page.contains("<li>Method: POST</li>\n<li>ResourceType: OBJECT</li>"), "{page}");
}

#[tokio::test]
async fn errors_have_pages_and_rules_lead_elsewhere() {
    let (cx, store) = with_bucket().await;
    let service = service_s3::service(&store, Vec::new());
    website(&cx, Some("error.html")).await;
    let (status, _, page) = visit(&cx, &service, Method::GET, "/nothing").await;
    assert_eq!(status, 404);
    assert!(
        page.contains("An Error Occurred While Attempting to Retrieve a Custom Error Document"),
        "{page}"
    );
    put(&cx, "error.html", "sorry").await.unwrap();
    assert_eq!(visit(&cx, &service, Method::GET, "/nothing").await, (404, String::new(), "sorry".to_owned()));
    let (status, place, _) = visit(&cx, &service, Method::GET, "/docs/a%20b").await;
    assert_eq!((status, place.ends_with("/documents/a%20b")), (301, true), "{place}");
}

fn ruling(service: &Service, method: &Method, origin: &str, asked: Option<&str>) -> Ruling {
    let mut headers = HeaderMap::new();
    headers.insert("origin", HeaderValue::from_str(origin).unwrap());
    if let Some(asked) = asked {
        headers.insert("access-control-request-method", HeaderValue::from_str(asked).unwrap());
    }
    let head = CrossOriginHead { method, path: "/bucket/key", headers: &headers, trusted: false };
    service.cross_origin.as_ref().unwrap().ruling(head).unwrap()
}

#[tokio::test]
async fn buckets_say_which_pages_may_read_them() {
    let (cx, store) = with_bucket().await;
    let service = service_s3::service(&store, Vec::new());
    let origin = "http://a.example.com";
    match ruling(&service, &Method::OPTIONS, origin, Some("PUT")) {
        Ruling::Refuse(fault) => {
            assert_eq!(fault.message(), "CORSResponse: CORS is not enabled for this bucket.");
        }
        other => panic!("{other:?}"),
    }
    let rule = CORSRule {
        allowed_methods: vec!["GET".to_owned(), "PUT".to_owned()],
        allowed_origins: vec!["http://*.example.com".to_owned()],
        max_age_seconds: Some(3000),
        ..Default::default()
    };
    let cors_configuration = CORSConfiguration { cors_rules: vec![rule] };
    let input = PutBucketCorsInput { bucket: BUCKET.to_owned(), cors_configuration, ..Default::default() };
    cx.call::<PutBucketCors>(input).await.unwrap();
    for (method, asked) in [(Method::OPTIONS, Some("PUT")), (Method::GET, None)] {
        let Ruling::Allow(headers) = ruling(&service, &method, origin, asked) else { panic!("{method}") };
        assert_eq!(headers["access-control-allow-origin"], origin);
        assert_eq!(headers["access-control-allow-credentials"], "true");
        assert_eq!(headers["access-control-allow-methods"], "GET, PUT");
        assert_eq!(headers["access-control-max-age"], "3000");
        assert_eq!(headers["vary"], "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
    }
    assert!(matches!(ruling(&service, &Method::OPTIONS, origin, Some("DELETE")), Ruling::Refuse(_)));
    assert!(matches!(ruling(&service, &Method::GET, "http://example.org", None), Ruling::Unread));
}
