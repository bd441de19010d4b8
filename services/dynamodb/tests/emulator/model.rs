//! Random puts, updates, deletes and queries against an ordered map.

use std::collections::BTreeMap;

use super::*;

#[tokio::test]
async fn a_table_is_an_ordered_map() {
    let emulator = Emulator::with_table().await;
    let (ids, mut model) = (Ids::seeded(42), BTreeMap::<(String, i64), i64>::new());
    for step in 0..2000_i64 {
        let partition = format!("p{}", ids.below(3));
        let sort = i64::try_from(ids.below(40)).unwrap() - 20;
        let key = map([("pk", s(&partition)), ("sk", n(sort))]);
        match ids.below(4) {
            0 => {
                let mut item = key;
                item.insert("v".into(), n(step));
                emulator.put(item).await;
                model.insert((partition, sort), step);
            }
            1 => {
                let input = UpdateItemInput {
                    table_name: "things".into(),
                    key,
                    update_expression: Some("ADD v :v".into()),
                    expression_attribute_values: Some(map([(":v", n(step))])),
                    ..Default::default()
                };
                emulator.call::<UpdateItem>(input).await.unwrap();
                *model.entry((partition, sort)).or_default() += step;
            }
            2 => {
                let input = DeleteItemInput { table_name: "things".into(), key, ..Default::default() };
                emulator.call::<DeleteItem>(input).await.unwrap();
                model.remove(&(partition, sort));
            }
            _ => {
                let input = QueryInput {
                    table_name: "things".into(),
                    key_condition_expression: Some("pk = :p AND sk >= :s".into()),
                    expression_attribute_values: Some(map([(":p", s(&partition)), (":s", n(sort))])),
                    ..Default::default()
                };
                let found = emulator.call::<Query>(input).await.unwrap().items.unwrap();
                let range =
                    model.range((partition.clone(), sort)..).take_while(|((name, _), _)| *name == partition);
                let expected: Vec<_> = range
                    .map(|((name, sort), v)| map([("pk", s(name)), ("sk", n(sort)), ("v", n(v))]))
                    .collect();
                assert_eq!(found, expected);
            }
        }
    }
    let scan = ScanInput { table_name: "things".into(), ..Default::default() };
    assert_eq!(emulator.call::<Scan>(scan).await.unwrap().count, i32::try_from(model.len()).ok());
    let shown =
        emulator.call::<DescribeTable>(DescribeTableInput { table_name: "things".into() }).await.unwrap();
    assert_eq!(shown.table.unwrap().item_count, i64::try_from(model.len()).ok());
}
