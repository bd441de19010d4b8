//! `CreateTable`: makes a table with its indexes.

use api_dynamodb::{CreateTable, CreateTableInput, CreateTableOutput, DynamodbError, TableStatus};
use kernel::{Context, Handler, Map, Scope};

use crate::description::describe;
use crate::resource_policy::{self, ResourcePolicy};
use crate::schema::{self, Definitions};
use crate::table::{Billing, Status, TABLES, TAGS, Table, Tally, Throughput, most, warm};
use crate::{Dynamodb, encryption, errors, limits, names, stream, throughput};

impl Handler<CreateTable> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: CreateTableInput,
    ) -> Result<CreateTableOutput, DynamodbError> {
        let (scope, name) = names::locate(cx, &input.table_name)?;
        let tags: Map<String, String> =
            input.tags.iter().flatten().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
        let table = prepare(cx, &scope, &name, &input)?;
        let view = stream::view(input.stream_specification.as_ref())?;
        let until = self.end_of_state(cx);
        let policy = input
            .resource_policy
            .clone()
            .map(|document| ResourcePolicy { document, revision: cx.ids.uuid() });

        let mut table = self
            .store
            .write(&scope, |tx| {
                if tx.contains(&TABLES, &table.name)? {
                    return Err(errors::table_exists(&table.name));
                }
                let status = until.map_or(Status::Active, |until| Status::Creating(Some(until)));
                let mut table = Table { number: Table::next_number(tx)?, status, ..table.clone() };
                if let Some(view) = view.clone() {
                    stream::begin(tx, &cx.ids, &mut table, view)?;
                }
                tx.put(&TABLES, &table.name, &table)?;
                if !tags.is_empty() {
                    tx.put(&TAGS, &table.name, &tags)?;
                }
                if let Some(policy) = &policy {
                    resource_policy::begin(tx, &table.name, policy)?;
                }
                Ok(table)
            })
            .await?;
        self.tables_changed.notify_one();

        table.status = Status::Creating(until);
        let mut description = describe(&scope, &table, &Tally::default());
        // A recorded answer tells the mode, but not since when: that is known once the table is active.
        if let Some(billing) = &mut description.billing_mode_summary {
            billing.last_update_to_pay_per_request_date_time = None;
        }
        // A warm-up has only begun; what every table has is not shown before it is active.
        description.warm_throughput = description.warm_throughput.filter(|_| table.billing.warm.is_some());
        if let Some(warm) = &mut description.warm_throughput {
            warm.status = Some(TableStatus::Updating);
        }
        for index in description.global_secondary_indexes.iter_mut().flatten() {
            index.warm_throughput = None;
        }
        Ok(CreateTableOutput { table_description: Some(description) })
    }
}

/// The table that a request describes, if it is one that can be.
pub fn prepare(
    cx: &Context,
    scope: &Scope,
    name: &str,
    input: &CreateTableInput,
) -> Result<Table, DynamodbError> {
    check(input, name)?;
    new_table(cx, scope, name.to_owned(), input)
}

fn check(input: &CreateTableInput, name: &str) -> Result<(), DynamodbError> {
    let indexes = input.global_secondary_indexes.iter().flatten().map(|index| &index.index_name);
    let locals = input.local_secondary_indexes.iter().flatten().map(|index| &index.index_name);
    if !names::is_valid(name) || indexes.chain(locals).any(|index| !names::is_valid(index)) {
        return Err(errors::invalid_name());
    }
    if let Some(policy) = &input.resource_policy {
        resource_policy::check(policy)?;
    }
    let unsupported = [
        ("global tables", input.global_table_source_arn.is_some()),
        ("global tables", input.global_table_settings_replication_mode.is_some()),
        ("vector indexes", input.vector_indexes.is_some()),
    ];
    if let Some((what, _)) = unsupported.iter().find(|(_, given)| *given) {
        return Err(errors::not_emulated(what));
    }
    if input.tags.as_ref().is_some_and(|tags| tags.len() > limits::TAGS) {
        return Err(errors::validation("Tag count exceeds the limit of 50"));
    }
    throughput::check_new(input.billing_mode.as_ref(), input.provisioned_throughput.as_ref())
}

fn new_table(
    cx: &Context,
    scope: &Scope,
    name: String,
    input: &CreateTableInput,
) -> Result<Table, DynamodbError> {
    let definitions = Definitions::new(input.attribute_definitions.as_deref().unwrap_or_default())?;
    let schema = input.key_schema.as_deref().unwrap_or_default();
    if schema.len() > definitions.0.len() {
        return Err(errors::validation("Invalid KeySchema: Some index key attribute have no definition"));
    }
    let key = definitions.key(schema)?;
    let billing = billing(cx, input);
    let indexes = schema::indexes(input, &definitions, &key, billing.on_demand)?;
    definitions.check_used(&key, &indexes)?;
    Ok(Table {
        name,
        id: cx.ids.uuid(),
        number: 0,
        status: Status::Active,
        created: cx.clock.now(),
        definitions: definitions.0,
        key,
        next_index: u16::try_from(indexes.len() + 1).unwrap_or(u16::MAX),
        indexes,
        billing,
        deletion_protection: input.deletion_protection_enabled.unwrap_or(false),
        class: input.table_class.clone().map(|class| (class, None)),
        encryption: encryption::of(scope, input.sse_specification.as_ref()),
        stream: None,
        stream_label: None,
        expiry: None,
        replicas: Vec::new(),
        kinesis: Vec::new(),
        recovery: None,
        loading: None,
        restored: None,
        insights: Vec::new(),
        is_first_version: false,
    })
}

fn billing(cx: &Context, input: &CreateTableInput) -> Billing {
    let on_demand = input.billing_mode == Some(api_dynamodb::BillingMode::PayPerRequest);
    Billing {
        on_demand,
        on_demand_since: on_demand.then(|| cx.clock.now()),
        named: on_demand,
        throughput: input.provisioned_throughput.as_ref().map(Throughput::from).unwrap_or_default(),
        most: most(input.on_demand_throughput.as_ref()),
        warm: warm(input.warm_throughput.as_ref()),
    }
}
