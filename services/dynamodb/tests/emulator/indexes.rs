//! Queries and scans, of tables and of their indexes.

use super::*;

fn global(name: &str, keys: &[&str], kind: ProjectionType) -> GlobalSecondaryIndex {
    GlobalSecondaryIndex {
        index_name: name.into(),
        key_schema: key(keys),
        projection: Projection { projection_type: Some(kind), non_key_attributes: None },
        ..Default::default()
    }
}

fn query(text: &str, values: Attributes) -> QueryInput {
    QueryInput {
        table_name: "things".into(),
        key_condition_expression: Some(text.into()),
        expression_attribute_values: Some(values),
        ..Default::default()
    }
}

async fn filled() -> Emulator {
    let emulator = Emulator::new();
    let mut input = table();
    input.attribute_definitions.as_mut().unwrap().push(definition("g", "S"));
    input.global_secondary_indexes = Some(vec![global("by-g", &["g", "sk"], ProjectionType::KeysOnly)]);
    emulator.call::<CreateTable>(input).await.unwrap();
    for at in 0..20 {
        let mut item = map([("pk", s(&format!("p{}", at % 2))), ("sk", n(at - 10)), ("x", n(at))]);
        if at % 4 == 0 {
            item.insert("g".into(), s("g"));
        }
        emulator.put(item).await;
    }
    emulator
}

fn numbers(items: Option<Vec<Attributes>>) -> Vec<String> {
    let number = |item: Attributes| match item.get("sk") {
        Some(AttributeValue::N(number)) => number.clone(),
        _ => String::new(),
    };
    items.unwrap_or_default().into_iter().map(number).collect()
}

#[tokio::test]
async fn queries_read_ranges_in_both_directions() {
    let emulator = filled().await;
    let call = async |input| numbers(emulator.call::<Query>(input).await.unwrap().items);
    let p = || (":p", s("p0"));
    let all = call(query("pk = :p", map([p()]))).await;
    assert_eq!(all, ["-10", "-8", "-6", "-4", "-2", "0", "2", "4", "6", "8"]);
    assert_eq!(call(query("pk = :p AND sk < :a", map([p(), (":a", n(-6))]))).await, ["-10", "-8"]);
    assert_eq!(call(query("pk = :p AND sk >= :a", map([p(), (":a", n(6))]))).await, ["6", "8"]);
    let between = || query("pk = :p AND sk BETWEEN :a AND :b", map([p(), (":a", n(-3)), (":b", n(2))]));
    assert_eq!(call(between()).await, ["-2", "0", "2"]);
    assert_eq!(call(QueryInput { scan_index_forward: Some(false), ..between() }).await, ["2", "0", "-2"]);
}

#[tokio::test]
async fn pages_follow_each_other() {
    let emulator = filled().await;
    for forward in [true, false] {
        let (mut start, mut seen) = (None, Vec::new());
        loop {
            let input = QueryInput {
                limit: Some(3),
                exclusive_start_key: start,
                scan_index_forward: Some(forward),
                ..query("pk = :p", map([(":p", s("p1"))]))
            };
            let page = emulator.call::<Query>(input).await.unwrap();
            seen.extend(numbers(page.items));
            start = page.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        let mut expected = vec!["-9", "-7", "-5", "-3", "-1", "1", "3", "5", "7", "9"];
        if !forward {
            expected.reverse();
        }
        assert_eq!(seen, expected);
    }
}

#[tokio::test]
async fn indexes_have_the_items_with_their_key() {
    let emulator = filled().await;
    let by_g = || QueryInput { index_name: Some("by-g".into()), ..query("g = :g", map([(":g", s("g"))])) };
    let found = emulator.call::<Query>(by_g()).await.unwrap().items.unwrap();
    assert_eq!(found[0], map([("pk", s("p0")), ("sk", n(-10)), ("g", s("g"))]));
    assert_eq!(numbers(Some(found)), ["-10", "-6", "-2", "2", "6"]);
    let consistent =
        refusal(emulator.call::<Query>(QueryInput { consistent_read: Some(true), ..by_g() }).await);
    let expected = "ValidationException: Consistent reads are not supported on global secondary indexes";
    assert_eq!(consistent, expected);
    let outside = QueryInput { projection_expression: Some("x, pk, y".into()), ..by_g() };
    let expected = "ValidationException: One or more parameter values were invalid: Global secondary index by-g does not \
                    project [x, y]";
    assert_eq!(refusal(emulator.call::<Query>(outside).await), expected);
}

#[tokio::test]
async fn new_indexes_are_filled() {
    let emulator = filled().await;
    let wanted = global("by-x", &["x"], ProjectionType::All);
    let create = CreateGlobalSecondaryIndexAction {
        index_name: wanted.index_name,
        key_schema: wanted.key_schema,
        projection: wanted.projection,
        ..Default::default()
    };
    let update = GlobalSecondaryIndexUpdate { create: Some(create), ..Default::default() };
    let input = UpdateTableInput {
        table_name: "things".into(),
        attribute_definitions: Some(vec![definition("x", "N")]),
        global_secondary_index_updates: Some(vec![update]),
        ..Default::default()
    };
    emulator.call::<UpdateTable>(input).await.unwrap();
    let by_x = QueryInput { index_name: Some("by-x".into()), ..query("x = :x", map([(":x", n(7))])) };
    assert_eq!(numbers(emulator.call::<Query>(by_x).await.unwrap().items), ["-3"]);
    let scan =
        ScanInput { table_name: "things".into(), index_name: Some("by-x".into()), ..Default::default() };
    assert_eq!(emulator.call::<Scan>(scan).await.unwrap().count, Some(20));
}

#[tokio::test]
async fn segments_share_a_table() {
    let emulator = Emulator::with_table().await;
    for at in 0..100 {
        emulator.put(map([("pk", s(&format!("p{at}"))), ("sk", n(at))])).await;
    }
    let (mut seen, mut most) = (Vec::new(), 0);
    for segment in 0..4 {
        let input = ScanInput {
            table_name: "things".into(),
            segment: Some(segment),
            total_segments: Some(4),
            ..Default::default()
        };
        let part = numbers(emulator.call::<Scan>(input).await.unwrap().items);
        most = most.max(part.len());
        seen.extend(part);
    }
    seen.sort_by_key(|number| number.parse::<i32>().unwrap());
    assert_eq!(seen, (0..100).map(|at| at.to_string()).collect::<Vec<_>>());
    assert!(most < 60, "one segment has {most} of 100");
}

#[tokio::test]
async fn wrong_key_conditions_are_worded_as_by_aws() {
    let emulator = filled().await;
    for (text, message) in [
        ("sk = :n", "Query condition missed key schema element: pk"),
        ("pk = :p AND x = :n", "Query condition missed key schema element: sk"),
        ("pk > :p", "Query key condition not supported"),
        ("pk = :p OR sk = :n", "Invalid operator used in KeyConditionExpression: OR"),
        (
            "pk = :n",
            "One or more parameter values were invalid: Condition parameter type does not match schema type",
        ),
    ] {
        let all = [(":p", s("p0")), (":n", n(1))];
        let values = all.into_iter().filter(|(name, _)| text.contains(name));
        let values = values.map(|(name, value)| (name.to_owned(), value)).collect();
        let expected = format!("ValidationException: {message}");
        assert_eq!(refusal(emulator.call::<Query>(query(text, values)).await), expected, "{text}");
    }
}
