//! Answers as JSON, for clients of the query protocol that accept it.
//!
//! Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-xml.html>

use http::{HeaderMap, header};
use roxmltree::Node;
use serde_json::{Map, Value};

use crate::formats::xml_reader;
use crate::message::{Body, Response, response};

/// Whether a client would have JSON.
pub fn wants_json(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok());
    accepted.is_some_and(|accepted| accepted.starts_with("application/json"))
}

/// The same answer in JSON: elements by name, those that repeat as lists.
pub fn as_json(answer: Response) -> Response {
    let Body::Whole(bytes) = answer.body() else { return answer };
    let Ok(document) = xml_reader::parse(bytes) else { return answer };
    let root = document.root_element();
    let mut whole = Map::new();
    whole.insert(root.tag_name().name().to_owned(), value(root));
    let body = Value::Object(whole).to_string().into_bytes();
    let mut json = response(answer.status().as_u16(), "application/json", body);
    for (name, value) in answer.headers() {
        json.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
    json
}

fn value(element: Node<'_, '_>) -> Value {
    let mut members = Map::new();
    for child in element.children().filter(Node::is_element) {
        let (name, value) = (child.tag_name().name(), value(child));
        match members.get_mut(name) {
            None => drop(members.insert(name.to_owned(), value)),
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    let is_leaf = members.is_empty();
    match element.text() {
        Some(text) if is_leaf => Value::String(text.to_owned()),
        _ if is_leaf => Value::Null,
        _ => Value::Object(members),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_that_repeat_are_lists() {
        let xml = b"<R xmlns=\"x\"><A><M>1</M><M>2 &amp;</M></A><B/></R>".to_vec();
        let json = as_json(response(400, "text/xml", xml));
        let Body::Whole(body) = json.body() else { panic!("not whole") };
        assert_eq!(&body[..], br#"{"R":{"A":{"M":["1","2 &"]},"B":null}}"#);
        let kind = json.headers()[header::CONTENT_TYPE].to_str().unwrap_or_default();
        assert_eq!((json.status().as_u16(), kind), (400, "application/json"));
    }
}
