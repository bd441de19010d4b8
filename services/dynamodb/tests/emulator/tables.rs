//! Tables: their rules and their life.

use super::*;

#[tokio::test]
async fn a_table_lives_and_goes() {
    let emulator = Emulator::new();
    let made = emulator.call::<CreateTable>(table()).await.unwrap().table_description.unwrap();
    assert_eq!(made.table_status, Some(TableStatus::Creating));
    assert_eq!(made.table_arn.as_deref(), Some("arn:aws:dynamodb:us-east-1:000000000000:table/things"));
    let name = || "things".to_owned();
    let shown = emulator.call::<DescribeTable>(DescribeTableInput { table_name: name() }).await.unwrap();
    assert_eq!(shown.table.unwrap().table_status, Some(TableStatus::Active));
    emulator.put(map([("pk", s("a")), ("sk", n(1))])).await;
    let gone = emulator.call::<DeleteTable>(DeleteTableInput { table_name: name() }).await.unwrap();
    assert_eq!(gone.table_description.unwrap().table_status, Some(TableStatus::Deleting));
    assert_eq!(
        refusal(emulator.call::<DescribeTable>(DescribeTableInput { table_name: name() }).await),
        "ResourceNotFoundException: Requested resource not found: Table: things not found"
    );
    emulator.call::<CreateTable>(table()).await.unwrap();
    assert_eq!(emulator.get(map([("pk", s("a")), ("sk", n(1))])).await, None);
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let emulator = Emulator::with_table().await;
    let again = refusal(emulator.call::<CreateTable>(table()).await);
    assert_eq!(again, "ResourceInUseException: Table already exists: things");
}

#[tokio::test]
async fn definitions_and_keys_must_agree() {
    let emulator = Emulator::new();
    let with = |definitions: &[(&str, &str)], names: &[&str]| CreateTableInput {
        attribute_definitions: Some(definitions.iter().map(|(name, kind)| definition(name, kind)).collect()),
        key_schema: Some(key(names)),
        ..table()
    };
    for (input, message) in [
        (
            with(&[("a", "S"), ("b", "S")], &["a"]),
            "One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number of \
             attributes defined in AttributeDefinitions",
        ),
        (
            with(&[("a", "S")], &["b"]),
            "One or more parameter values were invalid: Some index key attributes are not defined in \
             AttributeDefinitions. Keys: [b], AttributeDefinitions: [a]",
        ),
        (with(&[("a", "S")], &["a", "b"]), "Invalid KeySchema: Some index key attribute have no definition"),
        (
            CreateTableInput { billing_mode: None, ..table() },
            "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified \
             when BillingMode is PROVISIONED",
        ),
    ] {
        let expected = format!("ValidationException: {message}");
        assert_eq!(
            refusal(
                emulator.call::<CreateTable>(CreateTableInput { table_name: "ttt".into(), ..input }).await
            ),
            expected
        );
    }
}

#[tokio::test]
async fn what_is_not_emulated_says_so() {
    let input = CreateTableInput { vector_indexes: Some(Vec::new()), ..table() };
    let fault = Emulator::new().call::<CreateTable>(input).await.unwrap_err();
    assert_eq!((fault.status(), fault.message()), (501, "Fogbank does not emulate vector indexes yet."));
}
