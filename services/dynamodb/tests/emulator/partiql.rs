//! Statements of PartiQL, by AWS's guide: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html>

use super::*;

fn statement(text: &str, parameters: &[AttributeValue]) -> ExecuteStatementInput {
    ExecuteStatementInput {
        statement: text.into(),
        parameters: Some(parameters.to_vec()).filter(|parameters| !parameters.is_empty()),
        ..Default::default()
    }
}

impl Emulator {
    async fn run(&self, text: &str) -> Result<ExecuteStatementOutput, Fault> {
        self.call::<ExecuteStatement>(statement(text, &[])).await
    }

    async fn items(&self, text: &str) -> Vec<Attributes> {
        self.run(text).await.unwrap().items.unwrap()
    }

    /// The sort keys of the items that a query answers, in their order.
    async fn sort_keys(&self, text: &str) -> String {
        let key = |item: &Attributes| match item.get("sk") {
            Some(AttributeValue::N(number)) => number.clone(),
            other => panic!("{other:?}"),
        };
        self.items(text).await.iter().map(key).collect::<Vec<_>>().join(" ")
    }

    async fn with_things() -> Self {
        let emulator = Self::with_table().await;
        for sk in 1..=4 {
            let inner = AttributeValue::M(map([("steps", AttributeValue::L(vec![n(sk), n(0)]))]));
            let tags = AttributeValue::Ss(vec!["red".into(), "blue".into()]);
            let item = map([("pk", s("a")), ("sk", n(sk)), ("x", n(sk * 10)), ("m", inner), ("tags", tags)]);
            emulator.put(item).await;
        }
        emulator.put(map([("pk", s("b")), ("sk", n(5)), ("name", s("five"))])).await;
        emulator
    }
}

#[tokio::test]
async fn items_are_inserted_once() {
    let emulator = Emulator::with_table().await;
    let text =
        "INSERT INTO \"things\" VALUE {'pk': 'a', 'sk': 1.0, 'set': <<'x','y'>>, 'b': ?, 'd': [null, true]}";
    let input = statement(text, &[AttributeValue::B(b"bytes".to_vec().into())]);
    let answer = emulator.call::<ExecuteStatement>(input.clone()).await.unwrap();
    assert_eq!(answer.items, Some(vec![]));
    let item = emulator.get(map([("pk", s("a")), ("sk", n(1))])).await.unwrap();
    assert_eq!(item["set"], AttributeValue::Ss(vec!["x".into(), "y".into()]));
    assert_eq!(item["b"], AttributeValue::B(b"bytes".to_vec().into()));
    assert_eq!(item["d"], AttributeValue::L(vec![AttributeValue::Null(true), AttributeValue::Bool(true)]));
    assert_eq!(
        refusal(emulator.call::<ExecuteStatement>(input).await),
        "DuplicateItemException: Duplicate primary key exists in table"
    );
    assert_eq!(
        refusal(emulator.run("INSERT INTO things VALUE {'pk': 'a'}").await),
        "ValidationException: One or more parameter values were invalid: Missing the key sk in the item"
    );
}

#[tokio::test]
async fn queries_find_what_their_conditions_say() {
    let emulator = Emulator::with_things().await;
    for (condition, found) in [
        ("pk = 'a'", "1 2 3 4"),
        ("pk = 'a' AND sk > 2", "3 4"),
        ("pk = 'a' AND sk BETWEEN 2 AND 3", "2 3"),
        ("2 < sk AND 'a' = pk", "3 4"),
        ("pk = 'a' AND x >= 20 AND NOT x = 30", "2 4"),
        ("pk = 'a' AND sk <> 1 AND (x = 10 OR x = 20)", "2"),
        ("pk IN ['b', 'a'] AND sk > 3", "5 4"),
        ("pk = 'b' OR pk = 'a'", "5 1 2 3 4"),
        ("pk = 'a' AND sk IN (1, 4)", "1 4"),
        ("pk = 'a' AND x NOT IN (10, 20)", "3 4"),
        ("pk IN [] AND sk > 0", ""),
        ("pk = 'a' AND pk = 'b'", ""),
        ("x IS MISSING", "5"),
        ("NOT x = 10 AND sk < 3", "2"),
        ("NOT (x = 10 AND sk < 3) AND x < 30", "2"),
        ("x = 10 OR x = 20 AND sk = 1", "1"),
        ("name IS NOT MISSING", "5"),
        ("begins_with(\"name\", 'fi')", "5"),
        ("contains(tags, 'red') AND x < 20", "1"),
        ("size(tags) = 2 AND m.steps[0] = 3", "3"),
        ("attribute_type(name, 'S')", "5"),
        ("pk = 'a' AND sk < 3 ORDER BY sk DESC", "2 1"),
        ("pk = 'a' ORDER BY pk, sk DESC", "4 3 2 1"),
        ("pk IN ['b', 'a'] ORDER BY pk ASC", "1 2 3 4 5"),
        ("pk = 'a' AND x != -10 ;", "1 2 3 4"),
    ] {
        let text = format!("SELECT * FROM \"things\" WHERE {condition}");
        assert_eq!(emulator.sort_keys(&text).await, found, "{condition}");
    }
}

#[tokio::test]
async fn columns_are_named_after_the_end_of_their_path() {
    let emulator = Emulator::with_things().await;
    let items = emulator
        .items("SELECT sk, m.steps[0], \"m\".\"steps\", absent FROM things WHERE pk='a' AND sk=2")
        .await;
    let list = AttributeValue::L(vec![n(2), n(0)]);
    assert_eq!(items, [map([("sk", n(2)), ("steps[0]", n(2)), ("steps", list)])]);
}

#[tokio::test]
async fn pages_go_on_where_they_ended() {
    let emulator = Emulator::with_things().await;
    let text = "SELECT sk FROM things WHERE pk IN ['a', 'b']";
    let page = |token: Option<String>| ExecuteStatementInput {
        limit: Some(3),
        next_token: token,
        return_consumed_capacity: Some(ReturnConsumedCapacity::Total),
        ..statement(text, &[])
    };
    let first = emulator.call::<ExecuteStatement>(page(None)).await.unwrap();
    assert_eq!(first.items.unwrap().len(), 3);
    assert_eq!(first.last_evaluated_key, Some(map([("pk", s("a")), ("sk", n(3))])));
    assert_eq!(first.consumed_capacity.unwrap().capacity_units, Some(0.5));
    let second = emulator.call::<ExecuteStatement>(page(first.next_token.clone())).await.unwrap();
    assert_eq!(second.items, Some(vec![map([("sk", n(4))]), map([("sk", n(5))])]));
    assert_eq!((second.next_token, second.last_evaluated_key), (None, None));

    let other =
        ExecuteStatementInput { next_token: first.next_token, ..statement("SELECT * FROM things", &[]) };
    assert_eq!(
        refusal(emulator.call::<ExecuteStatement>(other).await),
        "ValidationException: NextToken does not match request"
    );
}

#[tokio::test]
async fn ten_partitions_make_a_page() {
    let emulator = Emulator::with_table().await;
    for at in 0..12 {
        emulator.put(map([("pk", s(&format!("p{at}"))), ("sk", n(at))])).await;
    }
    let keys: Vec<_> = (0..12).map(|at| format!("'p{at}'")).collect();
    let text = format!("SELECT * FROM things WHERE pk IN [{}]", keys.join(","));
    let first = emulator.call::<ExecuteStatement>(statement(&text, &[])).await.unwrap();
    assert_eq!(first.items.unwrap().len(), 10);
    let next = ExecuteStatementInput { next_token: first.next_token, ..statement(&text, &[]) };
    let second = emulator.call::<ExecuteStatement>(next).await.unwrap();
    assert_eq!((second.items.unwrap().len(), second.next_token), (2, None));
}

#[tokio::test]
async fn a_page_has_a_megabyte_over_all_its_partitions() {
    let emulator = Emulator::with_table().await;
    let large = s(&"x".repeat(390 * 1024));
    for (pk, sk) in [("a", 1), ("b", 2), ("b", 3), ("c", 4)] {
        emulator.put(map([("pk", s(pk)), ("sk", n(sk)), ("large", large.clone())])).await;
    }
    let text = "SELECT sk FROM things WHERE pk IN ['a', 'b', 'c']";
    let first = emulator.call::<ExecuteStatement>(statement(text, &[])).await.unwrap();
    assert_eq!(first.items.unwrap().len(), 3);
    let next = ExecuteStatementInput { next_token: first.next_token, ..statement(text, &[]) };
    let second = emulator.call::<ExecuteStatement>(next).await.unwrap();
    assert_eq!((second.items, second.next_token), (Some(vec![map([("sk", n(4))])]), None));
}

#[tokio::test]
async fn updates_change_one_item() {
    let emulator = Emulator::with_things().await;
    let update = "UPDATE \"things\" SET x = x + 5 SET m.steps = list_append(m.steps, [7]), tags = set_add(tags, <<'green'>>) \
                  SET name = ? REMOVE m.steps[1] WHERE pk = 'a' AND sk = 1 AND x = 10 RETURNING ALL OLD *";
    let overlap = emulator.call::<ExecuteStatement>(statement(update, &[s("n")])).await;
    assert_eq!(
        refusal(overlap),
        "ValidationException: Invalid UpdateExpression: Two document paths overlap with each other; must remove or \
         rewrite one of these paths; path one: [m, steps], path two: [m, steps, [1]]"
    );
    let update = update.replace("REMOVE m.steps[1]", "REMOVE absent");
    let old = emulator.call::<ExecuteStatement>(statement(&update, &[s("n")])).await.unwrap().items.unwrap();
    assert_eq!(old[0]["x"], n(10));
    let item = emulator.get(map([("pk", s("a")), ("sk", n(1))])).await.unwrap();
    assert_eq!((&item["x"], &item["name"]), (&n(15), &s("n")));
    assert_eq!(item["m"], AttributeValue::M(map([("steps", AttributeValue::L(vec![n(1), n(0), n(7)]))])));
    assert_eq!(item["tags"], AttributeValue::Ss(vec!["red".into(), "blue".into(), "green".into()]));

    for (returning, item) in [
        ("MODIFIED OLD *", map([("x", n(15))])),
        ("MODIFIED NEW *", map([("x", n(15))])),
        ("ALL NEW *", item.clone()),
    ] {
        let text = format!("UPDATE things SET x = 15 WHERE pk = 'a' AND sk = 1 RETURNING {returning}");
        assert_eq!(emulator.items(&text).await, [item], "{returning}");
    }
    let shrink =
        "UPDATE things SET tags = set_delete(tags, <<'red'>>) WHERE pk='a' AND sk=1 RETURNING MODIFIED NEW *";
    let tags = AttributeValue::Ss(vec!["blue".into(), "green".into()]);
    assert_eq!(emulator.items(shrink).await, [map([("tags", tags)])]);
}

#[tokio::test]
async fn writes_depend_on_their_conditions() {
    let emulator = Emulator::with_things().await;
    let failed = "ConditionalCheckFailedException: The conditional request failed";
    for text in [
        "UPDATE things SET x = 1 WHERE pk = 'a' AND sk = 1 AND x = 11",
        "UPDATE things SET x = 1 WHERE pk = 'none' AND sk = 1",
        "DELETE FROM things WHERE pk = 'a' AND sk = 1 AND x > 10",
    ] {
        assert_eq!(refusal(emulator.run(text).await), failed, "{text}");
    }
    let input = ExecuteStatementInput {
        return_values_on_condition_check_failure: Some(ReturnValuesOnConditionCheckFailure::AllOld),
        ..statement("DELETE FROM things WHERE pk = 'b' AND sk = 5 AND name = 'six'", &[])
    };
    let fault = emulator.call::<ExecuteStatement>(input).await.unwrap_err();
    let shape: &dyn std::any::Any = fault.shape().unwrap();
    let item = &shape.downcast_ref::<ConditionalCheckFailedException>().unwrap().item;
    assert_eq!(item.as_ref().unwrap()["name"], s("five"));

    assert!(emulator.items("DELETE FROM things WHERE pk = 'none' AND sk = 1").await.is_empty());
    let deleted = emulator.items("DELETE FROM things WHERE pk = 'b' AND sk = 5 RETURNING ALL OLD *").await;
    assert_eq!(deleted, [map([("pk", s("b")), ("sk", n(5)), ("name", s("five"))])]);
    assert_eq!(emulator.sort_keys("SELECT * FROM things WHERE pk = 'b'").await, "");
}

#[tokio::test]
async fn wrong_statements_are_refused() {
    let emulator = Emulator::with_things().await;
    let syntax = |detail: &str| format!("Statement wasn't well formed, can't be processed: {detail}");
    for (text, message) in [
        ("HELLO", syntax("Expected data manipulation")),
        ("UPDATE my-table SET a=1 WHERE pk='a'", syntax("Expected data manipulation")),
        ("INSERT INTO things (key) VALUES (1)", syntax("Unexpected keyword")),
        ("SELECT * WHERE pk = 'a'", syntax("Expected FROM after SELECT list")),
        ("SELECT * FROM things WHERE user = 'a'", syntax("Unexpected keyword")),
        ("SELECT * FROM things WHERE", syntax("Unexpected term")),
        ("SELECT * FROM things WHERE pk = 'a' 5", syntax("Unexpected token after expression")),
        (
            "SELECT * FROM things; SELECT * FROM things",
            syntax("Unexpected token after semicolon. (Only one query is allowed.)"),
        ),
        ("DELETE things WHERE pk = 'a'", syntax("Expected FROM after DELETE")),
        ("SELECT * FROM \"t\".\"i\".\"x\"", "Unexpected path component at 1:19:3".into()),
        ("DELETE FROM things.x WHERE pk = 'a'", "Unexpected path component at 1:20:1".into()),
        ("SELECT * FROM things, others", "Unexpected from source".into()),
        ("SELECT * FROM things LIMIT 5", "Unsupported clause: LIMIT at 1:22:5".into()),
        ("SELECT * FROM things WHERE pk = ?", "Number of parameters in request and statement don't match.".into()),
        (
            "UPDATE things SET x = 1 WHERE pk = 'a'",
            "Where clause does not contain a mandatory equality on all key attributes".into(),
        ),
        (
            "DELETE FROM things WHERE pk = 'a' AND sk > 1",
            "Where clause does not contain a mandatory equality on all key attributes".into(),
        ),
        (
            "UPDATE things SET sk = 1 WHERE pk = 'a' AND sk = 1",
            "One or more parameter values were invalid: Cannot update attribute sk. This attribute is part of the key"
                .into(),
        ),
        (
            "DELETE FROM things WHERE pk = 1 AND sk = 1",
            "The provided key element does not match the schema".into(),
        ),
        (
            "SELECT * FROM things WHERE pk = 1",
            "One or more parameter values were invalid: Condition parameter type does not match schema type".into(),
        ),
        (
            "SELECT * FROM things ORDER BY sk",
            "Must have WHERE clause in the statement when using ORDER BY clause.".into(),
        ),
        (
            "SELECT * FROM things WHERE sk = 1 ORDER BY sk",
            "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.".into(),
        ),
        (
            "SELECT * FROM things WHERE pk = 'a' ORDER BY x",
            "Variable reference x in ORDER BY clause must be part of the primary key".into(),
        ),
        (
            "SELECT * FROM things WHERE pk = 'a' AND sk BETWEEN 3 AND 1",
            "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: \
             AttributeValue: {N:3}, upper bound operand: AttributeValue: {N:1}"
                .into(),
        ),
        ("SELECT count(*) FROM things", "Unsupported function: count".into()),
        (
            "INSERT INTO things VALUE {'pk': 'x', 'sk': 1, 'a': <<1, 1>>}",
            "Input collection contains duplicates".into(),
        ),
        ("SELECT * FROM things.absent", "The table does not have the specified index: absent".into()),
    ] {
        assert_eq!(refusal(emulator.run(text).await), format!("ValidationException: {message}"), "{text}");
    }
    assert_eq!(
        refusal(emulator.run("SELECT * FROM others").await),
        "ResourceNotFoundException: Requested resource not found"
    );
}

#[tokio::test]
async fn indexes_are_read_by_their_own_key() {
    let emulator = Emulator::new();
    let index = GlobalSecondaryIndex {
        index_name: "by-x".into(),
        key_schema: key(&["x", "pk"]),
        projection: Projection { projection_type: Some(ProjectionType::KeysOnly), ..Default::default() },
        ..Default::default()
    };
    let mut input = table();
    input.attribute_definitions =
        Some(vec![definition("pk", "S"), definition("sk", "N"), definition("x", "N")]);
    input.global_secondary_indexes = Some(vec![index]);
    emulator.call::<CreateTable>(input).await.unwrap();
    for sk in 1..=3 {
        emulator.put(map([("pk", s("a")), ("sk", n(sk)), ("x", n(sk % 2)), ("y", n(0))])).await;
    }
    let mut keys = emulator.items("SELECT * FROM \"things\".\"by-x\" WHERE x = 1").await;
    keys.sort_by_key(|item| format!("{:?}", item["sk"]));
    assert_eq!(keys[1], map([("pk", s("a")), ("sk", n(3)), ("x", n(1))]));
    assert_eq!(keys.len(), 2);
    assert_eq!(
        refusal(emulator.run("SELECT y FROM \"things\".\"by-x\" WHERE x = 1").await),
        "ValidationException: One or more parameter values were invalid: Global secondary index by-x does not project [y]"
    );
    let consistent = ExecuteStatementInput {
        consistent_read: Some(true),
        ..statement("SELECT * FROM \"things\".\"by-x\" WHERE x = 1", &[])
    };
    assert_eq!(
        refusal(emulator.call::<ExecuteStatement>(consistent).await),
        "ValidationException: Consistent reads are not supported on global secondary indexes"
    );
}

fn batch(texts: &[&str]) -> BatchExecuteStatementInput {
    let statements =
        texts.iter().map(|text| BatchStatementRequest { statement: (*text).into(), ..Default::default() });
    BatchExecuteStatementInput { statements: statements.collect(), ..Default::default() }
}

/// The codes of a batch's errors, and `-` for what went well.
fn codes(responses: &[BatchStatementResponse]) -> Vec<&str> {
    let code = |response| -> Option<&str> {
        let response: &BatchStatementResponse = response;
        response.error.as_ref()?.code.as_ref().map(BatchStatementErrorCodeEnum::as_str)
    };
    responses.iter().map(|response| code(response).unwrap_or("-")).collect()
}

#[tokio::test]
async fn statements_of_a_batch_fail_by_themselves() {
    let emulator = Emulator::with_things().await;
    let reads = batch(&[
        "SELECT x FROM things WHERE pk = 'a' AND sk = 2",
        "SELECT * FROM things WHERE pk = 'a' AND sk = 99",
        "SELECT * FROM things WHERE pk = 'a'",
        "SELECT * FROM others WHERE pk = 'a' AND sk = 1",
        "SELECT",
    ]);
    let responses = emulator.call::<BatchExecuteStatement>(reads).await.unwrap().responses.unwrap();
    assert_eq!(codes(&responses), ["-", "-", "ValidationError", "ResourceNotFound", "ValidationError"]);
    assert_eq!((&responses[0].item, &responses[1].item), (&Some(map([("x", n(20))])), &None));
    assert_eq!(
        responses[2].error.as_ref().unwrap().message.as_deref(),
        Some(
            "Select statements within BatchExecuteStatement must specify the primary key in the where clause."
        )
    );

    let writes = batch(&[
        "INSERT INTO things VALUE {'pk': 'a', 'sk': 1}",
        "INSERT INTO things VALUE {'pk': 'c', 'sk': 1}",
        "UPDATE things SET x = 0 WHERE pk = 'a' AND sk = 1 AND x = 99",
        "DELETE FROM things WHERE pk = 'a' AND sk = 2",
    ]);
    let responses = emulator.call::<BatchExecuteStatement>(writes).await.unwrap().responses.unwrap();
    assert_eq!(codes(&responses), ["DuplicateItem", "-", "ConditionalCheckFailed", "-"]);
    assert_eq!(responses[1].table_name.as_deref(), Some("things"));
    assert_eq!(emulator.sort_keys("SELECT * FROM things WHERE pk IN ['a', 'c']").await, "1 3 4 1");

    let mixed = batch(&[
        "SELECT * FROM things WHERE pk = 'a' AND sk = 1",
        "DELETE FROM things WHERE pk = 'a' AND sk = 1",
    ]);
    assert!(refusal(emulator.call::<BatchExecuteStatement>(mixed).await).starts_with("ValidationException"));
}

fn transaction(texts: &[&str]) -> ExecuteTransactionInput {
    let statements = texts.iter().map(|text| ParameterizedStatement {
        statement: (*text).into(),
        return_values_on_condition_check_failure: Some(ReturnValuesOnConditionCheckFailure::AllOld),
        ..Default::default()
    });
    ExecuteTransactionInput { transact_statements: statements.collect(), ..Default::default() }
}

#[tokio::test]
async fn transactions_do_all_or_absent() {
    let emulator = Emulator::with_things().await;
    let texts = [
        "INSERT INTO things VALUE {'pk': 'c', 'sk': 1}",
        "UPDATE things SET x = 0 WHERE pk = 'a' AND sk = 1",
        "EXISTS(SELECT * FROM things WHERE pk = 'b' AND sk = 5 AND name = 'five')",
        "DELETE FROM things WHERE pk = 'a' AND sk = 2",
    ];
    let fails = [&texts[..], &["INSERT INTO things VALUE {'pk': 'a', 'sk': 3}"]].concat();
    let fails: Vec<_> = fails.iter().map(|text| text.replace("'five'", "'six'")).collect();
    let fails: Vec<_> = fails.iter().map(String::as_str).collect();
    let fault = emulator.call::<ExecuteTransaction>(transaction(&fails)).await.unwrap_err();
    assert_eq!(
        (fault.code(), fault.message()),
        (
            "TransactionCanceledException",
            "Transaction cancelled, please refer cancellation reasons for specific reasons [None, None, \
             ConditionalCheckFailed, None, DuplicateItem]"
        )
    );
    let shape: &dyn std::any::Any = fault.shape().unwrap();
    let reasons =
        shape.downcast_ref::<TransactionCanceledException>().unwrap().cancellation_reasons.as_ref().unwrap();
    assert_eq!(reasons[2].item.as_ref().unwrap()["name"], s("five"));
    assert_eq!(emulator.sort_keys("SELECT * FROM things WHERE pk IN ['a', 'c']").await, "1 2 3 4");

    let done = emulator.call::<ExecuteTransaction>(transaction(&texts)).await.unwrap();
    assert_eq!(done.responses, Some(vec![]));
    assert_eq!(emulator.sort_keys("SELECT * FROM things WHERE pk IN ['a', 'c']").await, "1 3 4 1");

    let reads =
        ["SELECT x FROM things WHERE pk = 'a' AND sk = 1", "SELECT x FROM things WHERE pk = 'a' AND sk = 2"];
    let responses =
        emulator.call::<ExecuteTransaction>(transaction(&reads)).await.unwrap().responses.unwrap();
    assert_eq!(responses, [ItemResponse { item: Some(map([("x", n(0))])) }, ItemResponse::default()]);
    let twice = transaction(&[reads[0], reads[0]]);
    assert_eq!(
        refusal(emulator.call::<ExecuteTransaction>(twice).await),
        "ValidationException: Transaction request cannot include multiple operations on one item"
    );
    assert!(
        refusal(emulator.call::<ExecuteTransaction>(transaction(&[reads[0], texts[1]])).await)
            .starts_with("Val")
    );
}
